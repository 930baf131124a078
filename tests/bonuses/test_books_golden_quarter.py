"""The golden quarter through the books of each role: facts in, ledger, closings, statements."""

import pytest

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.statements.queries import bonuses_of
from conveyor.kit.calendar import Month
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import PEOPLE, Books, id_of
from tests.bonuses.quarter import TOTALS, golden_quarter

MONTHS = [Month(2025, number) for number in (9, 10, 11, 12)]
CASES = [(name, role) for name, (role, _) in PEOPLE.items()]


async def totals(books: Books, name: str) -> dict[str, str]:
    months = [await bonuses_of(books.desk, employee_id=id_of(name), month=month) for month in MONTHS]
    return {month.period: month.total.amount for month in months}


@pytest.mark.parametrize(("name", "role"), CASES)
async def test_open_months_are_computed(new_books: NewBooks, name: str, role: BonusRole) -> None:
    books = await new_books(role)
    await books.hear(golden_quarter(calls=role == "sdr").events)
    assert await totals(books, name) == TOTALS[name]


@pytest.mark.parametrize(("name", "role"), CASES)
async def test_closed_months_are_the_same(new_books: NewBooks, name: str, role: BonusRole) -> None:
    books = await new_books(role)
    await books.hear(golden_quarter(calls=role == "sdr").events)
    for month in MONTHS:
        await close_period(books.desk, month=month, actor="head")
    assert await totals(books, name) == TOTALS[name]


@pytest.mark.parametrize(("name", "role"), CASES)
async def test_late_payment_posts_into_the_open_month(new_books: NewBooks, name: str, role: BonusRole) -> None:
    books = await new_books(role)
    on_time = golden_quarter(without=frozenset({"P1"}), calls=role == "sdr").events
    await books.hear(on_time)
    await close_period(books.desk, month=Month(2025, 9), actor="head")
    await books.hear(event for event in golden_quarter(calls=role == "sdr").events if event not in on_time)

    september = {"Anna": "4650.00", "Boris": "10000.00", "Vera": "5000.00"}
    october = {"Anna": "6000.00", "Boris": "27500.00", "Vera": "7500.00"}
    assert await totals(books, name) == {**TOTALS[name], "2025-09": september[name], "2025-10": october[name]}
    late = await bonuses_of(books.desk, employee_id=id_of(name), month=Month(2025, 10))
    assert {line.earned_on.isoformat() for line in late.lines if line.cause_id == "P1"} <= {"2025-09-22"}
