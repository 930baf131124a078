"""The payroll file as CSV (RFC 4180, UTF-8, CRLF). Dialect `ru`: `;`, decimal comma and a BOM, as 1C and Excel expect.

Text cells that a spreadsheet would run as a formula get a leading apostrophe (OWASP, CSV injection);
amounts stay numbers.
"""

import csv
import io
from collections.abc import Iterable
from typing import Literal

from conveyor.contracts.payroll import PayoutRow
from conveyor.payroll_file.rows import COLUMNS, cells_of, in_file_order

Dialect = Literal["std", "ru"]

# Full-width forms run as formulas in some East Asian builds of Excel.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")
_AMOUNT = COLUMNS.index("amount")
_BOM = "\ufeff"


def neutral(text: str) -> str:
    """The text with an apostrophe before it when a spreadsheet would take it for a formula."""
    if text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS):
        return f"'{text}"
    return text


def as_csv(rows: Iterable[PayoutRow], *, dialect: Dialect = "std") -> bytes:
    """The whole file in file order, with its header; the same rows give the same bytes."""
    sheet = io.StringIO(newline="")
    if dialect == "ru":
        sheet.write(_BOM)
    writer = csv.writer(sheet, delimiter=";" if dialect == "ru" else ",", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in in_file_order(rows):
        cells = [neutral(cell) for cell in cells_of(row)]
        cells[_AMOUNT] = row.amount.replace(".", ",") if dialect == "ru" else row.amount
        writer.writerow(cells)
    return sheet.getvalue().encode()
