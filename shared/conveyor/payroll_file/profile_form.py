"""The payroll file in the columns of a profile."""

import csv
import io
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from conveyor.kit.money import Money
from conveyor.payroll_file.cells import neutral
from conveyor.payroll_file.profiles.document import ALL, Profile, ProfileColumn, filled
from conveyor.payroll_file.profiles.refusals import (
    CurrenciesMixed,
    PayrollNumbersAlike,
    PayrollNumberUnfit,
    PayrollTextUnencodable,
    PayrollTextUnfit,
    WageTypeUnknown,
)
from conveyor.payroll_file.rows import COLUMNS, FileRow

_NUMBER = COLUMNS.index("payroll_number")
_LINE_END = "\r\n"


class ProfileForm:
    """Writes rows in the order in which they come; those of one payroll number follow each other.

    `write` and `finish` raise the refusals of `profiles/refusals.py`; `row` in them counts the file's rows from 1.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        # A BOM stands once, before everything.
        self._encoding = profile.encoding.removesuffix("-sig")
        self._bom = b"\xef\xbb\xbf" if profile.encoding.endswith("-sig") else b""
        self._started = False
        self._rows_written = 0
        self._waiting: list[FileRow] = []
        self._currency: str | None = None
        self._numbers: dict[str, str] = {}
        self._dates: dict[str, dict[str, str]] = {}
        self._sheet = io.StringIO(newline="")
        self._csv = csv.writer(self._sheet, delimiter=profile.delimiter, lineterminator=_LINE_END)

    def write(self, rows: Sequence[FileRow]) -> bytes:
        """The bytes that are ready after these rows: an employee's may wait until his last row came."""
        content = self._start()
        if self._profile.rows == "per_line":
            return content + b"".join(self._row([row]) for row in rows)
        for _, own in groupby(rows, key=lambda row: row[_NUMBER]):
            group = list(own)
            if self._waiting and self._waiting[0].payroll_number != group[0].payroll_number:
                content += self._employee()
            self._waiting += group
        return content

    def finish(self) -> Iterator[bytes]:
        """What is left when all rows were written."""
        yield self._start() + self._employee()

    def close(self) -> None:
        """Nothing is held."""

    def _start(self) -> bytes:
        if self._started:
            return b""
        self._started = True
        lines = [filled(line, self._profile.settings) + _LINE_END for line in self._profile.preamble]
        content = self._bom + "".join(lines).encode(self._encoding)
        if self._profile.has_header:
            headers = [column.header for column in self._profile.columns]
            content += self._line(headers).encode(self._encoding)
        return content

    def _employee(self) -> bytes:
        rows, self._waiting = self._waiting, []
        if not rows:
            return b""
        if self._profile.rows == "per_employee":
            return self._row(rows)
        by_type: dict[str, list[FileRow]] = {}
        for row in rows:
            by_type.setdefault(self._wage_type(row), []).append(row)
        return b"".join(self._row(by_type[wage_type]) for wage_type in sorted(by_type))

    def _row(self, rows: Sequence[FileRow]) -> bytes:
        self._rows_written += 1
        values = self._values(rows[0])
        cells = [self._cell(column, rows, values) for column in self._profile.columns]
        text = self._line(cells)
        try:
            return text.encode(self._encoding)
        except UnicodeEncodeError as unencodable:
            raise self._unencodable(cells) from unencodable

    def _cell(self, column: ProfileColumn, rows: Sequence[FileRow], values: dict[str, str]) -> str:
        if column.amount is None:
            return neutral(filled(column.text or "", values))
        taken = [row for row in rows if column.amount in {ALL, self._wage_type(row)}]
        total = self._sum(rows[0].currency, taken)
        # A zero would overwrite what payroll has; a blank does not.
        return total.text.replace(".", self._profile.decimal_sign) if total else ""

    def _sum(self, currency: str, rows: Iterable[FileRow]) -> Money:
        total = Money.zero(currency)
        for row in rows:
            if self._currency not in {None, row.currency}:
                raise CurrenciesMixed(currencies=sorted({str(self._currency), row.currency}))
            self._currency = row.currency
            total += Money.of(row.amount, row.currency)
        return total

    def _values(self, row: FileRow) -> dict[str, str]:
        profile = self._profile
        first, last = self._name(row.employee)
        return {
            **row._asdict(),
            **profile.settings,
            "employee_number": self._number(row),
            "first_name": first,
            "last_name": last,
            "wage_type": self._wage_type(row) if profile.rows != "per_employee" else "",
            "earned_on": date.fromisoformat(row.earned_on).strftime(profile.date_format),
            **self._dates_of(row.period),
        }

    def _dates_of(self, period: str) -> dict[str, str]:
        if period not in self._dates:
            year, month = int(period[:4]), int(period[5:])
            last_day = date(year, month, monthrange(year, month)[1])
            self._dates[period] = {
                "period_first_day": date(year, month, 1).strftime(self._profile.date_format),
                "period_last_day": last_day.strftime(self._profile.date_format),
                "period_month": period[5:],
            }
        return self._dates[period]

    def _name(self, employee: str) -> tuple[str, str]:
        if self._profile.name_order == "last_first":
            last, _, first = employee.partition(" ")
        else:
            first, _, last = employee.rpartition(" ")
        return first, last

    def _number(self, row: FileRow) -> str:
        terms, number = self._profile.employee_number, row.payroll_number
        if terms.digits_only and not (number.isascii() and number.isdigit()):
            raise PayrollNumberUnfit(row=self._rows_written, payroll_number=number)
        if terms.strip_zeros:
            number = number.lstrip("0") or "0"
        if terms.width and len(number) > terms.width:
            raise PayrollNumberUnfit(row=self._rows_written, payroll_number=number)
        number = number.rjust(terms.width, "0")
        before = self._numbers.setdefault(number, row.payroll_number)
        if before != row.payroll_number:
            raise PayrollNumbersAlike(payroll_numbers=[before, row.payroll_number])
        return number

    def _wage_type(self, row: FileRow) -> str:
        types = self._profile.wage_types
        named = types.components.get(row.component, types.otherwise)
        if types.negative is not None and row.amount.startswith("-"):
            named = types.negative
        if named is None:
            raise WageTypeUnknown(component=row.component)
        return named

    def _line(self, cells: Sequence[str]) -> str:
        if self._profile.quoting == "none":
            for column, cell in zip(self._profile.columns, cells, strict=True):
                if any(sign in cell for sign in (self._profile.delimiter, "\r", "\n")):
                    raise PayrollTextUnfit(row=self._rows_written, field=column.header)
            return self._profile.delimiter.join(cells) + _LINE_END
        self._csv.writerow(cells)
        text = self._sheet.getvalue()
        self._sheet.seek(0)
        self._sheet.truncate()
        return text

    def _unencodable(self, cells: Sequence[str]) -> PayrollTextUnencodable:
        for column, cell in zip(self._profile.columns, cells, strict=True):
            for character in cell:
                if not _fits(character, self._encoding):
                    return PayrollTextUnencodable(
                        row=self._rows_written,
                        field=column.header,
                        character=f"U+{ord(character):04X}",
                        encoding=self._profile.encoding,
                    )
        return PayrollTextUnencodable(row=self._rows_written, encoding=self._profile.encoding)


def _fits(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
