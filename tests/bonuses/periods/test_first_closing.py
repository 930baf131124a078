"""The first month that is closed closes the empty ones before it, and no month in which somebody has something due."""

from typing import Any

import pytest

from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.periods.rules import EarlierPeriodsOpen
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.kit.calendar import Month
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling
from tests.bonuses.plans.planning import money, percent
from tests.bonuses.plans.test_short_way_of_plans import books_under

GUARANTEED = percent(limits={"period": "month", "floor": money("5000.00")})
FIXED = {"kind": "period_bonus", "code": "fixed", "period": "quarter", "per": "employee", "amount": money("500.00")}


async def _books(new_books: NewBooks, component: dict[str, Any]) -> Books:
    """Boris is here since February; his first client pays in May."""
    document = {"code": "ae-standard", "role": "ae", "version": 2, "effective_from": "2025-01-01"}
    books = await books_under(new_books, PlanDocument.model_validate({**document, "components": [component]}))
    told = Telling()
    told.hired("Boris", "ae", "0201", hired_on="2025-02-10")
    told.accepted_by_closing("Boris", "L1", "2025-05-01 10:00", "M1")
    told.paid("L1", "P1", "2025-05-20 12:00", "1000.00")
    await books.hear(told.events)
    return books


@pytest.mark.parametrize(
    ("component", "periods"), [(GUARANTEED, ["2025-02", "2025-03", "2025-04"]), (FIXED, ["2025-03"])]
)
async def test_a_month_before_every_fact_in_which_somebody_is_paid(
    new_books: NewBooks, component: dict[str, Any], periods: list[str]
) -> None:
    books = await _books(new_books, component)
    with pytest.raises(EarlierPeriodsOpen) as refused:
        await close_period(books.desk, month=Month(2025, 5), actor="head")
    assert refused.value.extensions == {"periods": periods}
    for period in periods:
        await close_period(books.desk, month=Month.parse(period), actor="head")
    await close_period(books.desk, month=Month(2025, 5), actor="head")


async def test_a_month_with_nothing_in_it_is_closed_with_the_first(new_books: NewBooks) -> None:
    books = await _books(new_books, percent())
    await close_period(books.desk, month=Month(2025, 5), actor="head")
