"""The short way posts what the whole way would post, and reads little of a client with many payments."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, func, select

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger import post_differences as posting
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.periods.close_period import close_period
from conveyor.kit.calendar import Month
from conveyor.kit.messaging.events import Event
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling
from tests.bonuses.old_clients import department, payments, posted_by_the_whole_way

ROLES: tuple[BonusRole, ...] = ("sdr", "ae", "am")


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
    await books.hear(department().events)
    events = payments(seed)
    for start in range(0, len(events), 7):
        await books.hear(events[start : start + 7])
        assert await posted_by_the_whole_way(books) == 0


@pytest.mark.parametrize("role", ROLES)
async def test_late_payments_of_closed_months_go_the_whole_way(new_books: NewBooks, role: BonusRole) -> None:
    books = await new_books(role)
    await books.hear(department().events)
    events = payments(11)
    half = len(events) // 2
    await books.hear(events[:half])
    for month in range(1, 7):
        await close_period(books.desk, month=Month(2025, month), actor="head")
    for start in range(half, len(events), 5):
        await books.hear(events[start : start + 5])
        assert await posted_by_the_whole_way(books) == 0


@pytest.mark.parametrize("role", ROLES)
async def test_a_payment_on_an_old_client_goes_the_short_way(
    new_books: NewBooks, role: BonusRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = await new_books(role)
    await books.hear(department().events)
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
    assert await posted_by_the_whole_way(books) == 0
    async with books.database.reading() as session:
        causes = set(await session.scalars(select(BonusEntry.cause)))
    assert ("payment:bank:new" in causes) == (role == "am")


async def test_a_capped_share_goes_the_short_way_within_its_months(
    new_books: NewBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = await new_books("sdr")
    await books.hear(department().events)
    told = Telling()
    for month in range(1, 11):
        told.paid("L1", f"P{month}", f"2025-{month:02d}-20 12:00", "200000.00", contract="C-L1")
    await books.hear(told.events)
    # The earlier one takes the room of the cap that the later one has had; the third comes when it is full.
    later = Telling()
    later.paid("L1", "A", "2025-01-19 12:00", "400000.00", contract="C-L1")
    later.paid("L1", "B", "2025-01-21 12:00", "500.00", contract="C-L1")
    with _whole_ways(monkeypatch) as gone:
        await books.hear(later.events)
    assert (gone, await posted_by_the_whole_way(books)) == ([1], 0)
    earlier = Telling()
    earlier.paid("L1", "C", "2025-01-19 18:00", "50000.00", contract="C-L1")
    with _whole_ways(monkeypatch) as gone:
        rows = await _rows_read(books, earlier.events)
    assert (gone, await posted_by_the_whole_way(books)) == ([], 0)
    assert rows < 40
    async with books.database.reading() as session:
        posted = await session.execute(
            select(BonusEntry.cause_id, func.sum(BonusEntry.amount_minor))
            .where(BonusEntry.component == "client_paid")
            .group_by(BonusEntry.cause_id)
            .order_by(BonusEntry.cause_id)
        )
    assert [tuple(row) for row in posted] == [("A", 1_200_000), ("C", 150_000), ("P1", 150_000)]


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
