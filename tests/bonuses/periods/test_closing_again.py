"""A replay into empty books closes months where they were closed, in the middle of a batch, and says the same."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select, text

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.periods.rules import ClosedOtherwise, EarlierPeriodsOpen
from conveyor.bonuses.periods.tables import ClosedPeriod
from conveyor.bonuses.statements.rules import lines_hash
from conveyor.bonuses.statements.tables import Statement
from conveyor.contracts.payroll import BonusPeriodClosed
from conveyor.kit.calendar import Month
from conveyor.kit.messaging.events import Event
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling
from tests.bonuses.quarter import golden_quarter

SEPTEMBER, OCTOBER = Month(2025, 9), Month(2025, 10)
LATE = frozenset({"P1"})


async def closings(books: Books) -> list[Event[Any]]:
    """What the books said about their months, as it comes back to them from the stream."""
    async with books.database.reading() as session:
        bodies = list(await session.scalars(text("SELECT body FROM outbox ORDER BY id")))
    told = Telling()
    for envelope in map(json.loads, bodies):
        if envelope["type"].endswith("bonus_period_closed.v1"):
            fact = BonusPeriodClosed.model_validate(envelope["data"])
            told.say(fact, "2026-01-10 12:00", service=books.database.service)
    return told.events


async def said_by(books: Books) -> dict[tuple[str, str], str]:
    async with books.database.reading() as session:
        statements = await session.scalars(select(Statement))
    return {(each.period, str(each.employee_id)): lines_hash(each.document) for each in statements}


@pytest.mark.parametrize("role", ["sdr", "ae", "am"])
async def test_a_late_payment_stays_late(new_books: NewBooks, role: BonusRole) -> None:
    books = await new_books(role)
    on_time = golden_quarter(without=LATE, calls=role == "sdr").events
    late = [event for event in golden_quarter(calls=role == "sdr").events if event not in on_time]
    await books.hear(on_time)
    await close_period(books.desk, month=SEPTEMBER, actor="head")
    await books.hear(late)
    await close_period(books.desk, month=OCTOBER, actor="head")
    first, second = await closings(books)

    again = await new_books(role)
    await again.hear([*on_time, first, *late, second], at_once=10_000)
    assert await said_by(again) == await said_by(books)
    assert await closings(again) == []


async def test_in_the_books_that_closed_it_changes_nothing(ae_books: Books) -> None:
    await close_period(ae_books.desk, month=SEPTEMBER, actor="head")
    before = await said_by(ae_books)
    await ae_books.hear(await closings(ae_books))
    assert await said_by(ae_books) == before


async def test_another_order_is_refused_and_the_month_stays_open(new_books: NewBooks) -> None:
    books, again = await new_books("ae"), await new_books("ae")
    events = golden_quarter(without=LATE, calls=False).events
    await books.hear(events)
    await close_period(books.desk, month=SEPTEMBER, actor="head")
    await again.hear(golden_quarter(calls=False).events)
    with pytest.raises(ClosedOtherwise, match=r"10000\.00 RUB; here it comes to 1 statements, 30000\.00 RUB"):
        await again.hear(await closings(books))
    assert await closed_months(again) == 0


async def test_months_are_closed_in_order(ae_books: Books, new_books: NewBooks) -> None:
    for month in (SEPTEMBER, OCTOBER):
        await close_period(ae_books.desk, month=month, actor="head")
    _, october = await closings(ae_books)
    again = await new_books("ae")
    await again.hear(golden_quarter(calls=False).events)
    with pytest.raises(EarlierPeriodsOpen):
        await again.hear([october])
    assert await closed_months(again) == 0


async def closed_months(books: Books) -> int | None:
    async with books.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(ClosedPeriod))
