"""A lead that goes to and fro, is signed twice and told about twice earns once, and a line is taken back once."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Event
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import PEOPLE, Books, Telling

SECOND = """
INSERT INTO bonus_entries SELECT (jsonb_populate_record(entry, jsonb_build_object(
    'journal_no', entry.journal_no + 1, 'entry_id', gen_random_uuid(), 'revision', entry.revision + 1))).*
FROM bonus_entries AS entry WHERE kind = 'reversal' ORDER BY journal_no DESC LIMIT 1
"""


def telling() -> Telling:
    told = Telling()
    for name, (role, payroll_number) in PEOPLE.items():
        told.hired(name, role, payroll_number)
    told.lead("L1", "Romashka")
    return told


def straight_on() -> Telling:
    """Booked, accepted, signed, handed on, paid in two months."""
    told = telling()
    told.booked("Anna", "L1", "2025-09-09 10:00", "M2")
    told.accepted_by_closing("Boris", "L1", "2025-09-09 11:00", "M2")
    told.signed("L1", "C-17", "2025-09-19 12:00")
    told.accepted_by_account("Vera", "L1", "2025-09-23 10:00")
    _paid(told)
    return told


def round_about() -> list[Event[Any]]:
    """The same after a first meeting that was returned; signed a second time; every fact told again by another id."""
    told = telling()
    told.booked("Anna", "L1", "2025-09-08 10:00", "M1")
    told.returned("L1", "2025-09-08 15:00", "M1")
    told.booked("Anna", "L1", "2025-09-09 10:00", "M2")
    told.accepted_by_closing("Boris", "L1", "2025-09-09 11:00", "M2")
    told.signed("L1", "C-17", "2025-09-19 12:00")
    told.signed("L1", "C-18", "2025-09-20 12:00")
    told.accepted_by_account("Vera", "L1", "2025-09-23 10:00")
    _paid(told)
    return [*told.events, *(replace(event, id=new_id()) for event in told.events)]


def _paid(told: Telling) -> None:
    for payment_id, when in (("P1", "2025-09-22 12:00"), ("P2", "2025-10-02 12:00"), ("P3", "2025-12-15 12:00")):
        told.paid("L1", payment_id, when, "200000.00")


async def entries(books: Books) -> list[BonusEntry]:
    async with books.database.reading() as session:
        return list(await session.scalars(select(BonusEntry).order_by(BonusEntry.journal_no)))


async def net(books: Books) -> Counter[tuple[Any, str, str]]:
    """What is left of each component in each period."""
    left: Counter[tuple[Any, str, str]] = Counter()
    for entry in await entries(books):
        left[entry.employee_id, entry.component, entry.period] += entry.amount_minor
    return +left


@pytest.mark.parametrize("role", ["sdr", "ae", "am"])
@pytest.mark.parametrize("at_once", [1, 200])
async def test_what_goes_round_about_earns_as_what_goes_straight_on(
    new_books: NewBooks, role: BonusRole, at_once: int
) -> None:
    straight, round_ = await new_books(role), await new_books(role)
    await straight.hear(straight_on().events)
    await round_.hear(round_about(), at_once=at_once)

    assert len(await net(straight)) >= 1
    assert await net(round_) == await net(straight)


async def test_of_two_reversals_at_once_there_is_one_and_exact(new_books: NewBooks) -> None:
    books = await new_books("sdr")
    told = straight_on()
    await books.hear(told.events)
    before = await entries(books)
    told.returned("L1", "2025-09-16 10:00", "M2")
    withdrawn = [replace(told.events[-1], id=new_id()) for _ in range(4)]

    await asyncio.gather(*(books.hear([event]) for event in withdrawn))

    reversals = [entry for entry in await entries(books) if entry.kind == "reversal"]
    reversed_ = {entry.entry_id: entry for entry in before}
    assert len(reversals) == len({entry.reverses for entry in reversals}) >= 1
    for entry in reversals:
        assert entry.reverses is not None
        first = reversed_[entry.reverses]
        assert entry.amount_minor == -first.amount_minor != 0
        assert (entry.component, entry.cause, entry.employee_id, entry.currency) == (
            *(first.component, first.cause, first.employee_id, first.currency),
        )


async def test_the_database_takes_no_second_reversal_of_an_entry(new_books: NewBooks) -> None:
    books = await new_books("sdr")
    told = straight_on()
    told.returned("L1", "2025-09-16 10:00", "M2")
    await books.hear(told.events[:-1])
    await books.hear(told.events[-1:])
    connection = await asyncpg.connect(books.database.url)
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_bonus_entries_reverses"):
        await connection.execute(SECOND)
    await connection.close()
