"""The payroll file's columns, order, dialects and harmless cells."""

import csv
import io
import json

import pytest

from conveyor.payroll_file.cells import neutral
from conveyor.payroll_file.csv_form import as_csv
from conveyor.payroll_file.json_form import JsonLinesForm, as_json
from conveyor.payroll_file.rows import COLUMNS, in_file_order, sha256_of, totals_of
from tests.payroll_file.rows_to_write import row


def test_columns_are_those_of_the_surface() -> None:
    assert as_csv([]).decode() == (
        "batch_id,period,payroll_number,employee,role,component,lead,earned_on,amount,currency,cause_id\r\n"
    )


def test_std_row() -> None:
    line = as_csv([row()]).decode().split("\r\n")[1]
    assert line == "telemarketing-2025-09-1,2025-09,0101,Anna,sdr,client_paid,Romashka,2025-09-22,6000.00,RUB,P1"


def test_ru_dialect_has_bom_semicolon_and_decimal_comma() -> None:
    text = as_csv([row(amount="-1500.00")], dialect="ru").decode()
    assert text.startswith("\ufeffbatch_id;period;")
    assert ";-1500,00;RUB;" in text


def test_order_of_the_rows_does_not_matter() -> None:
    rows = [row(cause_id=f"P{number}", component=name) for number in range(12) for name in ("b", "a")]
    expected = as_csv(rows)
    rows = rows[5:] + rows[4::-1]
    assert as_csv(rows) == expected
    assert sha256_of(as_csv(rows)) == sha256_of(expected)


def test_order_is_by_code_point() -> None:
    names = ["Ёлка", "apple", "Zebra", "яблоко", "10", "9"]
    rows = [row(lead=name) for name in names]
    read = list(csv.DictReader(io.StringIO(as_csv(rows).decode(), newline="")))
    assert [cells["lead"] for cells in read] == sorted(names)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", " ="])
def test_formulas_are_neutralised_and_amounts_stay_numbers(start: str) -> None:
    read = next(csv.DictReader(io.StringIO(as_csv([row(lead=f"{start}1", amount="-5.00")]).decode(), newline="")))
    assert read["lead"] == f"'{start}1"
    assert read["amount"] == "-5.00"


def test_ordinary_text_is_left_alone() -> None:
    assert neutral("ООО «Ромашка»") == "ООО «Ромашка»"


def test_quotes_separators_and_line_breaks_survive() -> None:
    name = 'Rom,"ashka";\r\nand sons'
    for dialect, delimiter in (("std", ","), ("ru", ";")):
        text = as_csv([row(lead=name)], dialect=dialect).decode("utf-8-sig")  # type: ignore[arg-type] # from the pairs above
        read = next(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
        assert read["lead"] == name


def test_json_has_rows_and_totals() -> None:
    rows = [row(), row(amount="-0.50", cause_id="R1"), row(amount="3.00", currency="USD")]
    document = json.loads(as_json(rows, period="2025-09"))
    assert document["lines"] == 3
    assert document["totals"] == [{"amount": "5999.50", "currency": "RUB"}, {"amount": "3.00", "currency": "USD"}]
    assert tuple(document["rows"][0]) == COLUMNS
    assert totals_of([]) == ()


def test_json_is_what_the_library_writes() -> None:
    rows = [row(), row(lead='a"b\\c\n\u2028', cause_id="R1")]
    for some in ([], rows):
        content = as_json(some, period="2025-09").decode()
        assert content == json.dumps(json.loads(content), ensure_ascii=False, indent=2) + "\n"


def test_json_lines() -> None:
    rows = [row(), row(lead="Ромашка\n=1", amount="-0.50", cause_id="R1")]
    lines = JsonLinesForm().write(in_file_order(rows)).decode().split("\n")
    assert lines.pop() == ""
    assert [json.loads(line)["cause_id"] for line in lines] == ["P1", "R1"]
    assert json.loads(lines[1])["lead"] == "Ромашка\n=1"
    assert tuple(json.loads(lines[0])) == COLUMNS
