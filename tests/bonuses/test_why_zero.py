"""GOLDEN.md: why zero must answer."""

from typing import Any

import pytest

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.statements.views import AbsentView
from conveyor.bonuses.statements.why import Question, answer
from conveyor.kit.calendar import Month
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import id_of
from tests.bonuses.quarter import golden_quarter

QUESTIONS: tuple[tuple[str, BonusRole, dict[str, Any], str, str], ...] = (
    ("Vera", "am", {"payment_id": "P1"}, "no_owner", "2025-09-23 10:00"),
    ("Anna", "sdr", {"lead_id": id_of("L2"), "component": "meeting_booked"}, "withdrawn", "2025-09-16"),
    ("Boris", "ae", {"payment_id": "P4"}, "not_paying_month", "third"),
    (
        "Vera",
        "am",
        {"period": Month(2025, 9), "component": "quarterly_retention"},
        "client_too_young",
        "2025-09-30",
    ),
    (
        "Vera",
        "am",
        {"period": Month(2025, 8), "component": "quarterly_retention"},
        "client_too_young",
        "2025-09-30",
    ),
)


@pytest.mark.parametrize(("name", "role", "asked", "reason_code", "words"), QUESTIONS)
async def test_why_zero(
    new_books: NewBooks, *, name: str, role: BonusRole, asked: dict[str, Any], reason_code: str, words: str
) -> None:
    books = await new_books(role)
    await books.hear(golden_quarter(calls=False).events)
    why = await answer(books.desk, Question(employee_id=id_of(name), **asked))
    fitting = [absence for absence in why.absences if absence.reason_code == reason_code]
    assert why.lines == []
    assert any(words in absence.text for absence in fitting), why.text


async def test_the_line_of_somebody_else(new_books: NewBooks) -> None:
    books = await new_books("ae")
    told = golden_quarter(calls=False)
    told.hired("Clara", "ae", "0202")
    await books.hear(told.events)
    why = await answer(books.desk, Question(employee_id=id_of("Clara"), payment_id="P1", component="first_payment"))
    assert [absence.reason_code for absence in why.absences] == ["other_owner"]
    assert isinstance(why.absences[0], AbsentView)
    assert "Boris" not in str(why)


async def test_gated_lines_of_a_lead(new_books: NewBooks) -> None:
    books = await new_books("sdr")
    await books.hear(golden_quarter().events)
    why = await answer(books.desk, Question(employee_id=id_of("Anna"), lead_id=id_of("L1"), component="letter_general"))
    assert [line.amount.amount for line in why.lines] == ["30.00"]
