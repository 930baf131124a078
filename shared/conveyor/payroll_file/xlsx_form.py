"""The payroll file as XLSX, written row by row to a temporary file: memory stays the same whatever the length.

Text cells are of the type string: no formula, no link. The same rows give the same bytes: the document's dates are
fixed, and the library gives the entries of the archive a fixed time.
"""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]  # the library has no types

from conveyor.contracts.values import CURRENCY_DIGITS
from conveyor.payroll_file.rows import COLUMNS, FileRow

ROWS_PER_SHEET_MAX = 1_048_575
"""Rows of a sheet without its header, as Excel has it."""

_PIECE_BYTES = 1024 * 1024
# Excel computes with 15 digits and rounds a longer number without a word: such an amount is kept as text.
_DIGITS_MAX = 15
_CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_AMOUNT = COLUMNS.index("amount")
_TEXTS = [index for index in range(len(COLUMNS)) if index != _AMOUNT]


class XlsxForm:
    """Writes rows in the order in which they come, `ROWS_PER_SHEET_MAX` to a sheet."""

    def __init__(self, *, rows_per_sheet_max: int = ROWS_PER_SHEET_MAX) -> None:
        self._rows_per_sheet_max = rows_per_sheet_max
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives until `close`
        self._book = xlsxwriter.Workbook(self._file, _OPTIONS)
        self._book.use_zip64()
        self._book.set_properties({"title": "payroll", "created": _CREATED})
        self._formats = {
            digits: self._book.add_format({"num_format": f"0.{'0' * digits}" if digits else "0"})
            for digits in sorted(set(CURRENCY_DIGITS.values()))
        }
        self._next_row = 0
        self._sheet = self._new_sheet()

    def write(self, rows: Sequence[FileRow]) -> bytes:
        """Nothing yet: an archive has its bytes at the end."""
        for row in rows:
            if self._next_row > self._rows_per_sheet_max:
                self._sheet = self._new_sheet()
            self._write_row(row)
        return b""

    def finish(self) -> Iterator[bytes]:
        """The bytes of the archive."""
        self._book.close()
        self._file.seek(0)
        while piece := self._file.read(_PIECE_BYTES):
            yield piece

    def close(self) -> None:
        """Let the temporary file go."""
        self._file.close()

    def _new_sheet(self) -> Any:  # noqa: ANN401 - the library has no types
        number = len(self._book.worksheets()) + 1
        sheet = self._book.add_worksheet("payroll" if number == 1 else f"payroll {number}")
        for index, column in enumerate(COLUMNS):
            sheet.write_string(0, index, column)
        self._next_row = 1
        return sheet

    def _write_row(self, row: FileRow) -> None:
        at = self._next_row
        write_string = self._sheet.write_string
        for index in _TEXTS:
            if row[index]:
                write_string(at, index, row[index])
        if len(row.amount) > _DIGITS_MAX and sum(map(str.isdigit, row.amount)) > _DIGITS_MAX:
            write_string(at, _AMOUNT, row.amount)
        else:
            self._sheet.write_number(at, _AMOUNT, Decimal(row.amount), self._formats[CURRENCY_DIGITS[row.currency]])
        self._next_row += 1
