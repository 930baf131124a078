"""Values that plan documents are made of. Numbers are decimal text, exact; nothing in a document is a formula."""

from datetime import date
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

ComponentCode = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
PlanCode = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z0-9-]*$")]
PlanRole = Literal["sdr", "ae", "am"]
PeriodKind = Literal["month", "quarter"]
ConfirmingKind = Literal["meeting_held", "handoff_accepted"]
Months = Annotated[int, Field(strict=True, ge=0, le=1200)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Days = Annotated[int, Field(strict=True, ge=1, le=3660)]
Percent = Annotated[int, Field(strict=True, ge=0, le=1000)]


class InvalidPlan(ValueError):
    """A plan document contradicts itself; the message says where."""


def _only_text_or_date(value: object) -> object:
    if not isinstance(value, (str, date)):
        msg = "a date must be text like 2025-01-01"
        raise InvalidPlan(msg)
    return value


PlanDay = Annotated[date, BeforeValidator(_only_text_or_date)]


def _rate_in_range(value: object) -> object:
    if isinstance(value, str) and _is_plain_decimal(value) and not 0 < Fraction(value) <= 1:
        msg = "a rate must be above 0 and at most 1 (0.03 is 3 %)"
        raise InvalidPlan(msg)
    return value


def _is_plain_decimal(value: str) -> bool:
    whole, dot, decimals = value.partition(".")
    return value.isascii() and whole.isdigit() and (decimals.isdigit() if dot else True)


RateText = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[01](\.[0-9]{1,8})?$"),
    BeforeValidator(_rate_in_range),
]
BoundText = Annotated[str, StringConstraints(strict=True, pattern=r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$")]
"""Where a tier begins or ends: money in major units, a count, or percent of the quota."""


class PlanValue(BaseModel):
    """A frozen part of a plan document: unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
