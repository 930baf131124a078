"""The document of a profile: which columns, in what order, under what names, in what encoding, for one payroll program.

A document is data: a department that needs another wage type, company code or column puts its own beside ours.
"""

import codecs
import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from conveyor.contracts.values import Value

ProfileCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]
RowsPer = Literal["per_line", "per_wage_type", "per_employee"]

ALL = "all"
"""The `amount` of a column that takes every wage type."""

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

_ALWAYS = frozenset(
    {
        *("employee_number", "employee", "first_name", "last_name", "role", "batch_id", "period", "currency"),
        *("period_first_day", "period_last_day", "period_month"),
    }
)
_KNOWN: dict[RowsPer, frozenset[str]] = {
    "per_line": _ALWAYS | {"wage_type", "component", "lead", "earned_on", "cause_id"},
    "per_wage_type": _ALWAYS | {"wage_type"},
    "per_employee": _ALWAYS,
}


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError as unknown:
        msg = f"{name} is no known encoding"
        raise ValueError(msg) from unknown
    return name


class EmployeeNumber(Value):
    """How the payroll number is written: digits only or any text, without leading zeros, filled up to a width."""

    digits_only: bool
    strip_zeros: bool
    width: Annotated[int, Field(ge=0, le=20)]


class WageTypes(Value):
    """The payroll program's own name of each component; `negative` replaces it in lines that take back."""

    components: dict[str, str]
    otherwise: str | None
    negative: str | None


class ProfileColumn(Value):
    """A column: `text` with placeholders, or the `amount` of all wage types or of one."""

    header: str
    text: str | None = None
    amount: str | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.text is None) == (self.amount is None):
            msg = "a column has either text or amount"
            raise ValueError(msg)
        return self


class Profile(Value):
    """The whole document. `rows` says what becomes one row; `preamble` are lines before header and rows."""

    code: ProfileCode
    title: str
    file_name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._{}-]{1,100}$")]
    encoding: Annotated[str, AfterValidator(_known_encoding)]
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)]
    quoting: Literal["minimal", "none"]
    decimal_sign: Literal[".", ","]
    date_format: str
    has_header: bool
    rows: RowsPer
    employee_number: EmployeeNumber
    name_order: Literal["first_last", "last_first"]
    settings: dict[str, str]
    wage_types: WageTypes
    preamble: tuple[str, ...] = ()
    columns: Annotated[tuple[ProfileColumn, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        known = _KNOWN[self.rows] | self.settings.keys()
        texts = [(column.text or "", known) for column in self.columns]
        texts += [(line, frozenset(self.settings)) for line in self.preamble]
        texts.append((self.file_name, frozenset(self.settings) | {"batch"}))
        for text, names in texts:
            unknown = set(PLACEHOLDER.findall(text)) - names
            if unknown:
                msg = f"nothing is known under {sorted(unknown)} in {text!r}"
                raise ValueError(msg)
        if self.rows != "per_line" and self.wage_types.negative is not None:
            msg = "only a row per line has a sign of its own"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _no_amount_is_left_out(self) -> Self:
        taken = {column.amount for column in self.columns}
        types = {*self.wage_types.components.values(), self.wage_types.otherwise, self.wage_types.negative} - {None}
        if ALL not in taken and not types <= taken:
            msg = f"no column takes the amounts of {sorted(map(str, types - taken))}"
            raise ValueError(msg)
        return self

    def name_of_file(self, batch: str) -> str:
        """The file's name for a batch or a period."""
        return filled(self.file_name, {**self.settings, "batch": batch})


def filled(text: str, values: dict[str, str]) -> str:
    """The text with its placeholders replaced; every one of them is known."""
    return PLACEHOLDER.sub(lambda match: values[match[1]], text)
