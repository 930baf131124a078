"""Importing leads from a file: all rows, or none."""

import io
import re
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from tests.telemarketing.line import LEAD, Line, pointers, problem

ENGLISH = "company,inn,contact,phone,mechanics,segment,reference:crm:amo\n"


async def load(line: Line, content: str | bytes, *, name: str = "leads.csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return await line.ask("head", "POST", "/leads/import", files={"file": (name, data, "text/csv")})


async def leads_of(line: Line) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await line.ask("head", "GET", "/leads")).json()["items"]
    return found


async def test_every_row_becomes_a_lead(line: Line) -> None:
    content = ENGLISH + 'Ромашка,7701234567,Ольга,+7 495 000-00-01,warm,retail,A-1\n"Лютик, ООО",,,,,,\n\n'

    answer = await load(line, content)

    assert answer.status_code == 201, answer.text
    first, second = await leads_of(line)
    assert answer.json() == {"imported": 2, "lead_ids": [first["id"], second["id"]]}
    assert first["company"] == {"name": "Ромашка", "inn": "7701234567", "website": None, "city": None}
    assert first["contacts"][0]["name"] == "Ольга"
    assert (first["mechanics"], first["segment"], first["channel"]) == ("warm", "retail", "import")
    assert {one["system"] for one in first["references"]} == {"inn", "phone", "crm:amo"}
    assert (second["company"]["name"], second["mechanics"]) == ("Лютик, ООО", "cold")
    assert len(await line.said("lead_recorded")) == 2
    assert len(await line.said("reference_assigned")) == 3


async def test_a_sheet_saved_by_excel_is_read(line: Line) -> None:
    content = "\ufeffКомпания;ИНН;Контакт;Почта;Механика\r\nРомашка;7701234567;Ольга;o@r.example;Тёплая\r\n"

    assert (await load(line, content)).status_code == 201

    [lead] = await leads_of(line)
    assert (lead["company"]["inn"], lead["contacts"][0]["email"], lead["mechanics"]) == (
        "7701234567",
        "o@r.example",
        "warm",
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("Х,12,,,,,\n", {"/rows/2/inn"}),
        (",,,,,,\n ,7701234567,,,,,\n", {"/rows/3/company"}),
        ("Х,,,,hot,,\n", {"/rows/2/mechanics"}),
        ("Х,,,+7 495 000-00-01,,,\n", {"/rows/2/contact"}),
        ("Х,,\n", {"/rows/2"}),
        ("Х,7701234567,,,,,\nУ,7701234567,,,,,\n", {"/rows/3/inn"}),
        ("Х,,,,,,A-1\nУ,,,,,,A-1\n", {"/rows/3/reference:crm:amo"}),
        ("Х,12,,,,,\nУ,,,,hot,,\nЦ,,,,,,\n", {"/rows/2/inn", "/rows/3/mechanics"}),
        (f"{'Х' * 501},,,,,,\n", {"/rows/2/company"}),
        ('"Х,,,,,,\n', {"/file"}),
        ("Х\x00,,,,,,\n", {"/file"}),
        ("", {"/file"}),
    ],
)
async def test_wrong_rows_are_named_and_nothing_is_imported(line: Line, rows: str, expected: set[str]) -> None:
    good = "Хороший,,,,,,\n" if "/file" not in expected else ""

    assert pointers(await load(line, ENGLISH + rows + good)) == expected
    assert await leads_of(line) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"inn\n7701234567\n", b"company,company\na,b\n", b"company,colour\na,b\n", "company\nХ\n".encode("cp1251")],
)
async def test_a_file_that_is_no_list_of_leads(line: Line, content: bytes) -> None:
    assert pointers(await load(line, content)) == {"/file"}


async def test_a_row_of_a_known_lead_stops_the_import(line: Line) -> None:
    await line.record(LEAD)

    answer = await load(line, ENGLISH + "Новый,,,,,,\nСтарый,7701234567,,,,,\n")

    assert pointers(answer) == {"/rows/3/inn"}
    assert problem(answer, 422, "rows-refused")["rows_refused"] == 1
    assert len(await leads_of(line)) == 1


def a_workbook(*rows: list[Any]) -> bytes:
    book, written = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    sheet["J9"].fill = PatternFill("solid", fgColor="FFFF00")  # formatting makes a sheet wider and longer than its data
    book.save(written)
    return written.getvalue()


async def test_a_workbook_is_read_with_its_numbers_as_they_were_typed(line: Line) -> None:
    content = a_workbook(
        ["Компания", "ИНН", "Контакт", "Телефон", "Механика"],
        ["Ромашка", 7701234567, "Ольга", 74950000001.0, "тёплая"],
        [None, None],
        ["Лютик", None, None],
    )

    answer = await load(line, content, name="leads.xlsx")

    assert answer.status_code == 201, answer.text
    first, second = await leads_of(line)
    assert (first["company"]["inn"], first["contacts"][0]["phone"]) == ("7701234567", "74950000001")
    assert (second["company"]["name"], second["mechanics"]) == ("Лютик", "cold")


async def test_a_wrong_cell_of_a_workbook_is_named_by_its_row(line: Line) -> None:
    content = a_workbook(["company", "inn"], ["Ромашка", None], [None], ["Лютик", 12])

    assert pointers(await load(line, content, name="leads.xlsx")) == {"/rows/4/inn"}
    assert await leads_of(line) == []


def a_bomb() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as parts:
        for number in range(9):
            parts.writestr(f"xl/part{number}.xml", b"0" * (8 * 1024 * 1024))
    return written.getvalue()


def with_encrypted_parts(content: bytes) -> bytes:
    # The lowest bit of the flags, which lie at different places of the two headers of each part.
    spoilt = bytearray(content)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for header in re.finditer(re.escape(signature), content):
            spoilt[header.start() + flags] |= 1
    return bytes(spoilt)


def with_damaged_parts(content: bytes) -> bytes:
    # The first byte of a part's data says how it is packed; 0xff is no way at all.
    spoilt = bytearray(content)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for part in parts.infolist():
            spoilt[part.header_offset + 30 + len(part.filename)] = 0xFF
    return bytes(spoilt)


def with_a_strange_word(content: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as parts, zipfile.ZipFile(written, "w") as spoilt:
        for name in parts.namelist():
            spoilt.writestr(name, parts.read(name).replace(b" PartName=", b" PartGame="))
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04....", "not a workbook"),
        (b"\xd0\xcf\x11\xe0....", "not a workbook"),
        (a_workbook(["company"], ["X"])[:-200], "not a workbook"),
        (with_encrypted_parts(a_workbook(["company"], ["X"])), "not a workbook"),
        (with_damaged_parts(a_workbook(["company"], ["X"])), "not a workbook"),
        (with_a_strange_word(a_workbook(["company"], ["X"])), "not a workbook"),
        (a_bomb(), "unpack"),
    ],
    ids=["no zip", "xls", "cut off", "encrypted", "damaged", "strange word", "bomb"],
)
async def test_a_workbook_that_cannot_be_read(line: Line, content: bytes, words: str) -> None:
    answer = await load(line, content, name="leads.xlsx")

    assert pointers(answer) == {"/file"}
    assert words in answer.json()["errors"][0]["message"]


async def test_the_file_may_be_the_body_itself(line: Line) -> None:
    answer = await line.ask(
        "head", "POST", "/leads/import", content="company\nРомашка\n".encode(), headers={"Content-Type": "text/csv"}
    )

    assert answer.json()["imported"] == 1


async def test_too_many_rows_and_no_file(line: Line) -> None:
    rows_max = line.app.state.desk.settings.import_rows_max
    many = "company\n" + "".join(f"Лид {number}\n" for number in range(rows_max + 1))

    assert pointers(await load(line, many)) == {"/file"}
    assert pointers(await line.ask("head", "POST", "/leads/import", data={"note": "x"})) == {"/file"}
    assert pointers(await line.ask("head", "POST", "/leads/import")) == {"/file"}
    problem(await line.ask("auditor", "POST", "/leads/import", files={"file": ("a.csv", b"x", "text/csv")}), 403)


async def test_a_thousand_rows_come_in_at_once(line: Line) -> None:
    # More than any other request may bring along.
    rows = "".join(f"Лид {number},,Контакт,+7 495 {number:07d},,{'s' * 300},A-{number}\n" for number in range(1000))

    answer = await load(line, ENGLISH + rows)

    assert answer.json()["imported"] == 1000
    assert len(await line.said("reference_assigned")) == 2000
