"""The short way posts what the whole way would post, and reads little of a client with many payments."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.facts.queries import every_lead
from conveyor.bonuses.ledger import post_differences as posting
from conveyor.bonuses.ledger.append import head_of, lock_journal
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.periods.queries import closed_through
from conveyor.kit.calendar import Month
from conveyor.kit.messaging.events import Event
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import PEOPLE, Books, Telling, at

ROLES: tuple[BonusRole, ...] = ("sdr", "ae", "am")
LEADS = ("L1", "L2", "L3")


def _department() -> Telling:
    told = Telling()
    for name, (role, number) in PEOPLE.items():
        told.hired(name, role, number)
    for place, lead in enumerate(LEADS):
        told.booked("Anna", lead, f"2025-0{place + 1}-10 10:00", f"M{lead}")
        told.accepted_by_closing("Boris", lead, f"2025-0{place + 1}-11 10:00", f"M{lead}")
        told.signed(lead, f"C-{lead}", f"2025-0{place + 1}-12 10:00")
        told.accepted_by_account("Vera", lead, f"2025-0{place + 1}-13 10:00")
    return told


def _payments(seed: int, *, number: int = 60) -> list[Event[Any]]:
    """Payments of few months and many, refunds in part, wholly, over the sum, before their payment, to no payment."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    told = Telling()
    for place in range(number):
        lead = chance.choice(LEADS)
        paid = at("2025-01-20 12:00") + timedelta(days=chance.choice((0, 1, 20, 45, 80, 150, 290)), minutes=place)
        amount = chance.randint(1, 200_000)
        told.paid(lead, f"P{place}", paid.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{amount}.00", contract=f"C-{lead}")
        for part in range(chance.choice((0, 0, 0, 1, 2))):
            refunded = paid + timedelta(days=chance.choice((-3, 0, 2, 40)))
            back = chance.choice((amount, amount + 5, max(1, amount // 3)))
            payment = chance.choice((f"P{place}", f"P{place}", "lost"))
            told.refunded(lead, f"R{place}-{part}", payment, refunded.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{back}.00")
    events = told.events
    chance.shuffle(events)
    return events


async def _posted_by_the_whole_way(books: Books) -> int:
    """How many entries a complete evaluation of every lead would add."""
    async with books.database.transaction() as tx:
        await lock_journal(tx)
        before = (await head_of(tx.session)).journal_no
        closed = await closed_through(tx.session)
        await posting.post_leads(
            tx, await every_lead(tx.session), role=books.desk.role, standing_through=closed, closed_through=closed
        )
        return (await head_of(tx.session)).journal_no - before


@contextmanager
def _whole_ways(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The number of leads of each time the whole way was gone."""
    gone: list[int] = []
    whole = posting.post_leads

    async def counted(tx: Any, lead_ids: Any, **more: Any) -> Any:
        gone.append(len(lead_ids))
        return await whole(tx, lead_ids, **more)

    with monkeypatch.context() as patch:
        patch.setattr(posting, "post_leads", counted)
        yield gone


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("seed", range(4))
async def test_the_short_way_leaves_nothing_to_post_for_the_whole_way(
    new_books: NewBooks, role: BonusRole, seed: int
) -> None:
    books = await new_books(role)
    await books.hear(_department().events)
    events = _payments(seed)
    for start in range(0, len(events), 7):
        await books.hear(events[start : start + 7])
        assert await _posted_by_the_whole_way(books) == 0


@pytest.mark.parametrize("role", ROLES)
async def test_late_payments_of_closed_months_go_the_whole_way(new_books: NewBooks, role: BonusRole) -> None:
    books = await new_books(role)
    await books.hear(_department().events)
    events = _payments(11)
    half = len(events) // 2
    await books.hear(events[:half])
    for month in range(1, 7):
        await close_period(books.desk, month=Month(2025, month), actor="head")
    for start in range(half, len(events), 5):
        await books.hear(events[start : start + 5])
        assert await _posted_by_the_whole_way(books) == 0


@pytest.mark.parametrize("role", ROLES)
async def test_a_payment_on_an_old_client_goes_the_short_way(
    new_books: NewBooks, role: BonusRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = await new_books(role)
    await books.hear(_department().events)
    told = Telling()
    for place in range(60):
        told.paid("L1", f"P{place}", f"2025-{place // 6 + 1:02d}-{place % 6 + 20} 12:00", "100.00", contract="C-L1")
    await books.hear(told.events)
    later = Telling()
    later.paid("L1", "new", "2025-12-20 12:00", "500.00", contract="C-L1")
    later.refunded("L1", "R1", "P33", "2025-12-21 12:00", "100.00")
    with _whole_ways(monkeypatch) as gone:
        rows = await _rows_read(books, later.events)
    assert gone == []
    assert rows < 40
    assert await _posted_by_the_whole_way(books) == 0
    async with books.database.reading() as session:
        causes = set(await session.scalars(select(BonusEntry.cause)))
    assert ("payment:bank:new" in causes) == (role == "am")


async def _rows_read(books: Books, events: list[Event[Any]]) -> int:
    rows = 0

    def count(_conn: Any, cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal rows
        if "bonus_facts" in statement or "bonus_entries" in statement:
            rows += max(0, cursor.rowcount)

    engine = books.database.engine.sync_engine
    event.listen(engine, "after_cursor_execute", count)
    try:
        await books.hear(events)
    finally:
        event.remove(engine, "after_cursor_execute", count)
    return rows
