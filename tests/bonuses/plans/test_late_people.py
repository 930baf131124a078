"""What is learned of a person after a month was closed counts in it, though no fact about a lead names him."""

from datetime import date
from typing import Any

import pytest

from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.plans.assign_plans import assign_plans
from conveyor.bonuses.plans.rules import Assignment
from conveyor.contracts.roster import ChainRecorded
from conveyor.kit.calendar import Month
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling, id_of
from tests.bonuses.old_clients import posted_by_the_whole_way
from tests.bonuses.plans.test_short_way_of_plans import books_with


async def _closed_books(new_books: NewBooks, special: str, *, known: bool) -> Books:
    """Boris and Clara work in one chain; Boris's clients paid in February; January and February are closed."""
    books = await books_with(new_books, "ae", special)
    told = Telling()
    if known:
        told.hired("Clara", "ae", "0202")
    members = (id_of("Boris"), id_of("Clara"))
    since = date(2025, 1, 1)
    chain = ChainRecorded(chain_id=id_of("chain"), revision=1, name="one", member_ids=members, effective_from=since)
    told.say(chain, "2025-01-01 09:00")
    told.paid("L1", "P1", "2025-02-20 12:00", "150000.00", contract="C-L1")
    await books.hear(told.events)
    for month in (1, 2):
        await close_period(books.desk, month=Month(2025, month), actor="head")
    return books


@pytest.mark.parametrize("special", ["floor of a period", "sum of a chain"])
@pytest.mark.parametrize(
    ("known", "changes"),
    [
        pytest.param(False, {}, id="hired"),
        pytest.param(True, {"revision": 2, "left_on": "2025-02-10"}, id="left"),
        pytest.param(True, {"revision": 2, "hired_on": "2025-03-01"}, id="hired later"),
    ],
)
async def test_the_roster(new_books: NewBooks, special: str, known: bool, changes: dict[str, Any]) -> None:
    books = await _closed_books(new_books, special, known=known)
    told = Telling()
    told.hired("Clara", "ae", "0202", **changes)
    await books.hear(told.events)
    assert await posted_by_the_whole_way(books) == 0


@pytest.mark.parametrize("special", ["floor of a period", "sum of a chain"])
async def test_his_plan(new_books: NewBooks, special: str) -> None:
    books = await _closed_books(new_books, special, known=True)
    on_none = [Assignment(plan=None, from_on=date(2025, 2, 1), until_on=None)]
    await assign_plans(books.desk, employee_id=id_of("Clara"), assignments=on_none, actor="head", if_match=0)
    assert await posted_by_the_whole_way(books) == 0
