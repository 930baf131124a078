"""The payroll file as CSV (RFC 4180, UTF-8, CRLF). Dialect `ru`: `;`, decimal comma and a BOM, as 1C and Excel expect.

Dangerous text cells are made harmless (`cells.py`); amounts stay numbers.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from conveyor.contracts.payroll import PayoutRow
from conveyor.payroll_file.cells import neutral_column
from conveyor.payroll_file.rows import COLUMNS, FileRow, in_file_order

Dialect = Literal["std", "ru"]

_AMOUNT = COLUMNS.index("amount")
_BOM = "\ufeff"


class CsvForm:
    """Writes rows in the order in which they come; header first."""

    def __init__(self, *, dialect: Dialect = "std") -> None:
        self._is_ru = dialect == "ru"
        self._sheet = io.StringIO(newline="")
        if self._is_ru:
            self._sheet.write(_BOM)
        self._csv = csv.writer(self._sheet, delimiter=";" if self._is_ru else ",", lineterminator="\r\n")
        self._csv.writerow(COLUMNS)

    def write(self, rows: Sequence[FileRow]) -> bytes:
        """The bytes of these rows, after those before."""
        columns = [
            self._amounts(cells) if index == _AMOUNT else neutral_column(cells)
            for index, cells in enumerate(zip(*rows, strict=True))
        ]
        self._csv.writerows(zip(*columns, strict=True))
        return self._taken()

    def finish(self) -> Iterator[bytes]:
        """What is left when all rows were written."""
        yield self._taken()

    def close(self) -> None:
        """Nothing is held."""

    def _amounts(self, cells: Sequence[str]) -> Sequence[str]:
        return [cell.replace(".", ",") for cell in cells] if self._is_ru else cells

    def _taken(self) -> bytes:
        content = self._sheet.getvalue().encode()
        self._sheet.seek(0)
        self._sheet.truncate()
        return content


def as_csv(rows: Iterable[PayoutRow], *, dialect: Dialect = "std") -> bytes:
    """The whole file in file order, with its header; the same rows give the same bytes."""
    form = CsvForm(dialect=dialect)
    return form.write(in_file_order(rows)) + b"".join(form.finish())
