"""No text of ours runs as a formula in a spreadsheet, whatever reads the file; numbers stay numbers."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyor.payroll_file.cells import neutral, neutral_column
from conveyor.payroll_file.csv_form import CsvForm, Dialect
from tests.payroll_file.rows_to_write import row, written

STARTS = "=+-@＝＋－＠"
TEXTS = st.text(alphabet=st.sampled_from([*STARTS, *"ab ,;|'\"\t\r\n\x00\u200b\ufeff"]), max_size=12)


def runs(cell: str) -> bool:
    """What a careful reader does before it takes a cell for a formula: skip blanks and quotes."""
    return cell.strip(' \t\r\n\x00\u200b\ufeff"')[:1] in {*STARTS} if cell.strip(' \t\r\n\x00\u200b\ufeff"') else False


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=2+2", "'=2+2"),
        ("+74951112233", "'+74951112233"),
        ("-MIN(B2)", "'-MIN(B2)"),
        ("@run", "'@run"),
        ("\tq", "'\tq"),
        ("\rq", "'\rq"),
        ("\nq", "'\nq"),
        ("\x00q", "'\x00q"),
        ("＝2+2", "'＝2+2"),
        ("－MIN(B2)", "'－MIN(B2)"),
        ('"=2+2', "'\"=2+2"),
        ("  =2+2", "'  =2+2"),
        ("\u200b=2+2", "'\u200b=2+2"),
        ("Lutik;=2+2", "Lutik;'=2+2"),
        ("Lutik, +1", "Lutik,' +1"),
        ("Lutik\t@run", "Lutik\t'@run"),
        ("Lutik|-1", "Lutik|'-1"),
        ("Lutik\r\n=2+2", "Lutik\r\n'=2+2"),
    ],
)
def test_a_formula_gets_an_apostrophe(text: str, safe: str) -> None:
    assert neutral(text) == safe
    assert neutral_column(["Anna", text, ""]) == ["Anna", safe, ""]


@pytest.mark.parametrize("text", ["", "Петрова", "ООО «Лютик»-Сервис", 'АО "Василёк"-Юг', "a=b", "3-я линия", "x@y.z"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert neutral(text) == text
    assert list(neutral_column([text, "Anna"])) == [text, "Anna"]


@given(TEXTS)
def test_no_cell_runs_whatever_separates_the_cells(text: str) -> None:
    safe = neutral(text)
    assert not safe or safe[0] not in {*STARTS, "\t", "\r", "\n", "\x00"}
    for cell in re.split(r"[,;\t|\r\n]", safe):
        assert not runs(cell), (text, safe)


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_column_is_its_cells(texts: list[str]) -> None:
    assert list(neutral_column(texts)) == [neutral(text) for text in texts]


@given(text=TEXTS.filter(lambda text: "\x00" not in text), dialect=st.sampled_from(["std", "ru"]))
def test_a_file_gives_back_what_was_written(text: str, dialect: Dialect) -> None:
    content = written(CsvForm(dialect=dialect), [row(lead=text, amount="-12.50")]).decode("utf-8-sig")
    read = next(csv.DictReader(io.StringIO(content, newline=""), delimiter=";" if dialect == "ru" else ","))
    assert read["lead"] == neutral(text)
    assert read["amount"] == ("-12,50" if dialect == "ru" else "-12.50")
