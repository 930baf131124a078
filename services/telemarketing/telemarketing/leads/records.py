"""The records of a table in a file: CSV (UTF-8, BOM or not; comma or semicolon) or XLSX (the first sheet). Pure.

A workbook is a ZIP of XML: openpyxl reads it row by row, with defusedxml against entities that expand, and a file whose
parts would unpack to more than UNPACKED_BYTES_MAX is refused before any of them is unpacked. Formulas give the value
that was stored with them.
"""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from typing import Final

from openpyxl import load_workbook

from conveyor.kit.refusals import Invalid

UNPACKED_BYTES_MAX: Final = 64 * 1024 * 1024

_ZIP_SIGNATURE: Final = b"PK\x03\x04"
_OLD_WORKBOOK_SIGNATURE: Final = b"\xd0\xcf\x11\xe0"
_NO_WORKBOOK: Final = "is not a workbook that can be read; save it as XLSX or as CSV in UTF-8"


def records_of(content: bytes) -> Iterator[list[str]]:
    """Each row as text cells, the header first. Raises Invalid for `/file` where it cannot be read."""
    if content.startswith(_OLD_WORKBOOK_SIGNATURE):
        raise _refused(message=_NO_WORKBOOK)
    if content.startswith(_ZIP_SIGNATURE):
        return _of_workbook(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(message="must be UTF-8") from None
    if "\x00" in text:
        raise _refused(message="must not contain a NUL character")
    return _of_csv(text)


def _of_csv(text: str) -> Iterator[list[str]]:
    first_line = text.partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error:
        raise _refused(message="is not CSV: look for an unclosed quotation mark") from None


def _of_workbook(content: bytes) -> Iterator[list[str]]:
    try:
        _refuse_what_unpacks_to_too_much(content)
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        width = 0
        for row in workbook.worksheets[0].iter_rows(values_only=True):
            cells = [_text(cell) for cell in row]
            # A sheet is as wide as its header: formatting leaves empty cells beside it, and short rows are filled up.
            while cells and not cells[-1]:
                cells.pop()
            width = width or len(cells)
            yield cells + [""] * (width - len(cells))
    except Invalid:
        raise
    except Exception:  # noqa: BLE001 - each part's trouble comes as it is: of ZIP, of zlib, of XML, of openpyxl's types
        raise _refused(message=_NO_WORKBOOK) from None


def _refuse_what_unpacks_to_too_much(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > UNPACKED_BYTES_MAX:
            raise _refused(message=f"must not unpack to more than {UNPACKED_BYTES_MAX} bytes")


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _refused(*, message: str) -> Invalid:
    return Invalid.field(pointer="/file", message=message)
