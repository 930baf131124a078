"""A fact at night moves into the neighbouring month when the department turns out to work by another zone."""

from datetime import timedelta

import pytest

from conveyor.bonuses.periods.close_period import close_period
from conveyor.contracts.roster import CalendarRecorded
from conveyor.kit.calendar import Month
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import PEOPLE, Books, Telling, at
from tests.bonuses.old_clients import posted_by_the_whole_way
from tests.bonuses.plans.test_short_way_of_plans import books_with
from tests.bonuses.test_posting import entries

AT_NIGHT = "2025-04-30 23:30"


async def _learn_the_zone(books: Books) -> None:
    for month in (4, 5):
        await close_period(books.desk, month=Month(2025, month), actor="head")
    told = Telling()
    zone = {"zone": "Asia/Yekaterinburg", "currency": "RUB", "working_weekdays": (1, 2, 3, 4, 5)}
    told.say(
        CalendarRecorded.model_validate({"revision": 1, "effective_from": "2025-01-01", **zone}), "2025-06-02 09:00"
    )
    await books.hear(told.events)


async def _net(books: Books) -> dict[str, int]:
    sums: dict[str, int] = {}
    for entry in await entries(books):
        sums[entry.cause] = sums.get(entry.cause, 0) + entry.amount_minor
    return {cause: minor for cause, minor in sums.items() if minor}


async def test_work_behind_a_gate_is_paid_once(new_books: NewBooks) -> None:
    books = await new_books("sdr")
    told = Telling()
    for name, (role, number) in PEOPLE.items():
        told.hired(name, role, number)
    told.touched("need_identified", "Anna", "L1", AT_NIGHT)
    for month in (4, 5):
        for call in range(1000):
            told.called("Anna", at(f"2025-0{month}-02 10:00") + timedelta(minutes=call * 20), 60)
    await books.hear(told.events)
    await _learn_the_zone(books)
    assert await _net(books) == {"month:2025-05": 10_000}


@pytest.mark.parametrize("special", ["tiers on a running sum", "floor of a period", "sum of an employee"])
async def test_a_payment_of_a_persons_period_is_paid_once(new_books: NewBooks, special: str) -> None:
    books = await books_with(new_books, "ae", special)
    told = Telling()
    told.paid("L1", "P1", AT_NIGHT, "150000.00", contract="C-L1")
    await books.hear(told.events)
    for month in (1, 2, 3):
        await close_period(books.desk, month=Month(2025, month), actor="head")
    await _learn_the_zone(books)
    assert await posted_by_the_whole_way(books) == 0
