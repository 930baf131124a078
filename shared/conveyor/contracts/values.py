"""Values that several facts share: money on the wire, references, companies, contacts."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

# Minor-unit digits of ISO 4217 currencies (the active list; funds and metals have no payments).
CURRENCY_DIGITS: dict[str, int] = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(
        (
            *("AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BMD", "BND"),
            *("BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP", "CRC", "CUP", "CVE"),
            *("CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD"),
            *("GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW"),
            *("KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU"),
            *("MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK"),
            *("PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE"),
            *("SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS"),
            *("UAH", "USD", "UYU", "UZS", "VED", "VES", "WST", "XCD", "YER", "ZAR", "ZMW", "ZWG"),
        ),
        2,
    ),
}

# At most 15 integer digits keep every sum of a department inside a bigint of minor units.
AMOUNT_PATTERN = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$"

Text = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
LongText = Annotated[str, StringConstraints(max_length=5000, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x20]+$")]

Stage = Literal["telemarketing", "closing", "account"]


@dataclass(frozen=True, slots=True)
class Personal:
    """Marks a field that is about a person or may be: a name, a voice, free words. See `contracts/personal.py`."""


PERSONAL = Personal()
IMPERSONAL_SYSTEMS = frozenset({"contract", "invoice", "lead_id"})
"""Outside names that are papers' numbers and ids of ours; every other one may lead to a person."""

ReferenceSystem = Annotated[
    str, StringConstraints(max_length=80, pattern=r"^(phone|email|inn|contract|invoice|lead_id|crm:[A-Za-z0-9_.-]+)$")
]


class Value(BaseModel):
    """A closed, frozen value: unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WireMoney(Value):
    """Money on the wire: `amount` is a decimal *string* with exactly the currency's decimals, `currency` is ISO 4217.

    JSON numbers, exponents, separators, foreign digits and missing or surplus decimals are refused.
    """

    amount: Annotated[str, StringConstraints(strict=True, pattern=AMOUNT_PATTERN)]
    currency: Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]

    @model_validator(mode="after")
    def _decimals_fit_the_currency(self) -> Self:
        digits = CURRENCY_DIGITS.get(self.currency)
        if digits is None:
            msg = "currency is not an ISO 4217 code"
            raise ValueError(msg)
        decimals = len(self.amount.partition(".")[2])
        if decimals != digits:
            msg = f"amount must have exactly {digits} decimals in this currency"
            raise ValueError(msg)
        if re.fullmatch(r"-0(\.0+)?", self.amount):
            msg = "amount must not be a negative zero"
            raise ValueError(msg)
        return self


class PositiveMoney(WireMoney):
    """Money above zero: what a client pays or gets back."""

    @model_validator(mode="after")
    def _is_above_zero(self) -> Self:
        if self.amount.startswith("-") or not self.amount.strip("0."):
            msg = "amount must be above zero"
            raise ValueError(msg)
        return self


class Reference(Value):
    """How an outside system names a lead: `system` is phone, email, inn, contract, invoice, crm:<source> or lead_id."""

    system: ReferenceSystem
    value: Text


class EmployeeReference(Value):
    """How an outside system names an employee: extension, payroll_number, or crm:<source> (a user id there)."""

    system: Annotated[
        str, StringConstraints(max_length=80, pattern=r"^(extension|payroll_number|email|crm:[A-Za-z0-9_.-]+)$")
    ]
    value: Text


class Company(Value):
    """The company on the line."""

    name: Annotated[Text, PERSONAL]
    inn: Annotated[Annotated[str, StringConstraints(pattern=r"^([0-9]{10}|[0-9]{12})$")] | None, PERSONAL] = None
    website: Annotated[Text | None, PERSONAL] = None
    city: Annotated[Text | None, PERSONAL] = None


class Contact(Value):
    """A person at the company; `role` and `influence` say what he decides."""

    name: Text
    position: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    role: Text | None = None
    influence: Text | None = None


class IdentifiedContact(Contact):
    """A contact with the id under which its stage keeps it."""

    contact_id: UUID


class TouchSummary(Value):
    """One step of the work on a lead, as the next stage reads it."""

    kind: Code
    occurred_at: AwareDatetime
    employee_id: UUID
    note: Annotated[LongText | None, PERSONAL] = None


class MeetingSummary(Value):
    """The meeting that a handoff is about."""

    meeting_id: UUID
    starts_at: AwareDatetime
    place: Annotated[Text | None, PERSONAL] = None
    contact_id: UUID | None = None


class CriterionAnswer(Value):
    """A qualification criterion already answered, with its evidence."""

    code: Code
    answer: Annotated[LongText, PERSONAL]
    evidence: Annotated[LongText | None, PERSONAL] = None


Role = Literal["sdr", "ae", "am", "head", "payroll", "marketing", "admin", "integration", "auditor"]
Mechanics = Literal["cold", "warm"]
NonNegativeInt = Annotated[int, Field(ge=0)]
