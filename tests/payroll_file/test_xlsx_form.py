"""The payroll file as XLSX: texts are texts, amounts are numbers, the same rows are the same bytes."""

import io
import zipfile

from openpyxl import load_workbook

from conveyor.payroll_file.rows import COLUMNS, in_file_order
from conveyor.payroll_file.xlsx_form import XlsxForm
from tests.payroll_file.rows_to_write import row, written

ROWS = [
    row(),
    row(lead="=2+2", amount="-1500.50", cause_id="R1"),
    row(lead="https://lutik.example", employee="+7 495", payroll_number="0007", cause_id="P2"),
    row(lead="", amount="7", currency="JPY", cause_id="P3"),
    row(lead="a\tb\r\nc\x01 ", amount="1.250", currency="KWD", cause_id="P4"),
]


def test_a_reader_finds_the_same_values() -> None:
    content = written(XlsxForm(), ROWS)
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    header, *rows = [tuple(cell.value for cell in line) for line in sheet.iter_rows()]
    assert header == COLUMNS
    amount = COLUMNS.index("amount")
    for read, expected in zip(rows, in_file_order(ROWS), strict=True):
        texts = [(cell or "") for index, cell in enumerate(read) if index != amount]
        wanted = [cell for index, cell in enumerate(expected) if index != amount]
        assert [str(text).replace("_x0001_", "\x01").replace("_x000D_", "\r") for text in texts] == wanted
        assert f"{read[amount]:.3f}" == f"{float(expected.amount):.3f}"


def test_no_formula_and_no_link_and_negative_numbers_are_numbers() -> None:
    content = written(XlsxForm(), ROWS)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        names = archive.namelist()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not any("rels" in name and "sheet" in name for name in names)
    assert "<v>-1500.50</v>" in sheet
    assert ">0007<" in sheet


def test_the_same_rows_are_the_same_bytes() -> None:
    content = written(XlsxForm(), ROWS, page_rows=1)
    assert content == written(XlsxForm(), ROWS[::-1], page_rows=5)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_a_long_file_goes_on_in_the_next_sheet() -> None:
    book = load_workbook(io.BytesIO(written(XlsxForm(rows_per_sheet_max=2), ROWS)))
    assert [(sheet.title, sheet.max_row) for sheet in book] == [("payroll", 3), ("payroll 2", 3), ("payroll 3", 2)]
    assert all(sheet["A1"].value == "batch_id" for sheet in book)


def test_an_amount_that_a_spreadsheet_would_round_is_kept_as_text() -> None:
    sheet = load_workbook(io.BytesIO(written(XlsxForm(), [row(amount="123456789012345.67")]))).active
    assert sheet is not None
    assert sheet.cell(2, COLUMNS.index("amount") + 1).value == "123456789012345.67"


def test_no_rows() -> None:
    sheet = load_workbook(io.BytesIO(written(XlsxForm(), []))).active
    assert sheet is not None
    assert sheet.max_row == 1
