"""Every approved entry is in one live batch, on hold or carried forward, and whatever is nowhere is named."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select

from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.payouts.carried_forward import carried_forward
from conveyor.bonuses.payouts.place_hold import place_hold
from conveyor.bonuses.payouts.reconciliation import ReconciliationView, reconcile
from conveyor.bonuses.payouts.reject_batch import reject_batch
from conveyor.bonuses.payouts.reject_lines import reject_lines
from conveyor.bonuses.payouts.release_hold import release_hold
from conveyor.bonuses.payouts.release_lines import RejectedLineInput
from conveyor.bonuses.payouts.rules import AlreadyOnHold, EntryInBatch, HoldAlreadyReleased
from conveyor.bonuses.payouts.views import PayoutHoldView
from conveyor.bonuses.payouts.watch import PayoutWatch, rest_after
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import Invalid, NotFound
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, id_of
from tests.bonuses.payroll_office import DECEMBER, NOVEMBER, OCTOBER, SEPTEMBER, close, exported, freeze
from tests.bonuses.quarter import golden_quarter


@pytest.fixture
async def books(new_books: NewBooks) -> Books:
    books = await new_books("ae")
    await books.hear(golden_quarter(calls=False).events)
    return books


async def places(books: Books, period: str | None = None) -> ReconciliationView:
    async with books.database.reading() as session:
        return await reconcile(session, period=period)


async def counts(books: Books, period: str | None = None) -> tuple[int, int, int, int]:
    """Batched, on hold, carried forward, nowhere; together they are what is approved."""
    found = await places(books, period)
    four = (found.batched, found.on_hold, found.carried_forward, found.nowhere)
    assert sum(place.entries for place in four) == found.approved.entries
    assert found.is_complete == (found.nowhere.entries == 0) == (not found.violators)
    batched, held, carried, nowhere = (place.entries for place in four)
    return batched, held, carried, nowhere


async def entry_of(books: Books, cause_id: str) -> UUID:
    async with books.database.reading() as session:
        return (await session.scalars(select(BonusEntry.entry_id).where(BonusEntry.cause_id == cause_id))).one()


async def hold(books: Books, *, entry: str | None = None, employee: str | None = None) -> PayoutHoldView:
    return await place_hold(
        books.desk,
        entry_id=await entry_of(books, entry) if entry else None,
        employee_id=id_of(employee) if employee else None,
        reason="court order",
        actor="payroll",
    )


async def test_an_open_month_is_not_approved(books: Books) -> None:
    assert await counts(books) == (0, 0, 0, 0)


async def test_closed_and_not_yet_in_a_batch_is_named(books: Books) -> None:
    await close(books, SEPTEMBER)
    found = await places(books, "2025-09")
    assert [(each.cause_id, each.because) for each in found.violators] == [
        ("P1", "no_batch_yet"),
        ("P2", "no_batch_yet"),
    ]
    assert [total.amount for total in found.nowhere.totals] == ["30000.00"]
    await freeze(books, SEPTEMBER)
    assert await counts(books, "2025-09") == (2, 0, 0, 0)


async def test_rejected_whole_and_in_lines(books: Books) -> None:
    await close(books, SEPTEMBER)
    first = await freeze(books, SEPTEMBER)
    await reject_batch(books.desk, batch_id=first.id, reason="run not opened")
    (p1, _) = (await places(books)).violators
    assert (p1.because, p1.last_batch_id, p1.reason) == ("batch_rejected", first.id, "run not opened")
    second = await freeze(books, SEPTEMBER)
    assert await counts(books) == (2, 0, 0, 0)
    await exported(books, second.id)
    line = RejectedLineInput("0201", "first_payment", "P1", None, "account blocked")
    await reject_lines(books.desk, batch_id=second.id, lines=[line], actor="payroll")
    (p1,) = (await places(books)).violators
    assert (p1.cause_id, p1.because, p1.last_batch_id) == ("P1", "line_rejected", second.id)
    await close(books, OCTOBER)
    await freeze(books, OCTOBER)
    assert await counts(books) == (3, 0, 0, 0)


async def test_a_negative_net_is_carried_forward_until_it_is_outweighed(books: Books) -> None:
    await close(books, SEPTEMBER, OCTOBER, NOVEMBER)
    await freeze(books, OCTOBER)
    assert await counts(books, "2025-11") == (0, 0, 0, 1)
    await freeze(books, NOVEMBER)
    assert await counts(books) == (3, 0, 1, 0)
    async with books.database.reading() as session:
        (boris,) = await carried_forward(session)
    assert (boris.employee_id, boris.since, boris.entries) == (id_of("Boris"), "2025-11", 1)
    assert [net.amount for net in boris.net] == ["-5000.00"]


async def test_an_entry_on_hold_waits_and_is_paid_after_its_release(books: Books) -> None:
    await close(books, SEPTEMBER, OCTOBER)
    placed = await hold(books, entry="P1")
    assert (await freeze(books, SEPTEMBER)).lines == 1
    assert await counts(books, "2025-09") == (1, 1, 0, 0)
    await release_hold(books.desk, hold_id=placed.id, reason="settled", actor="payroll")
    assert await counts(books, "2025-09") == (1, 0, 0, 1)
    assert [total.amount for total in (await freeze(books, OCTOBER)).totals] == ["27500.00"]
    assert await counts(books) == (3, 0, 0, 0)


async def test_an_employee_on_hold(books: Books) -> None:
    await close(books, SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER)
    placed = await hold(books, employee="Boris")
    batch = await freeze(books, SEPTEMBER)
    assert (batch.lines, batch.carried_forward) == (0, [])
    assert (await counts(books))[1] == 4
    await release_hold(books.desk, hold_id=placed.id, reason=None, actor="head")
    assert (await freeze(books, DECEMBER)).lines == 4


async def test_senseless_holds(books: Books) -> None:
    await close(books, SEPTEMBER)
    placed = await hold(books, entry="P1")
    with pytest.raises(AlreadyOnHold) as again:
        await hold(books, entry="P1")
    assert again.value.extensions == {"hold_id": placed.id}
    batch = await freeze(books, SEPTEMBER)
    with pytest.raises(EntryInBatch) as batched:
        await hold(books, entry="P2")
    assert batched.value.extensions == {"batch_id": batch.id}
    await release_hold(books.desk, hold_id=placed.id, reason=None, actor="payroll")
    with pytest.raises(HoldAlreadyReleased):
        await release_hold(books.desk, hold_id=placed.id, reason=None, actor="payroll")
    with pytest.raises(NotFound):
        await release_hold(books.desk, hold_id=new_id(), reason=None, actor="payroll")
    with pytest.raises(Invalid):
        await place_hold(books.desk, entry_id=new_id(), employee_id=None, reason="x", actor="payroll")


async def test_holding_and_freezing_at_once_agree(books: Books) -> None:
    await close(books, SEPTEMBER)
    answers = await asyncio.gather(
        hold(books, entry="P1"), hold(books, entry="P1"), freeze(books, SEPTEMBER), return_exceptions=True
    )
    assert sum(isinstance(answer, AlreadyOnHold | EntryInBatch) for answer in answers) >= 1
    assert (await counts(books))[3] == 0


async def test_the_gauges(books: Books) -> None:
    await close(books, SEPTEMBER)
    watch, labels = PayoutWatch(books.desk), {"service": "closing"}
    await watch.look()
    assert REGISTRY.get_sample_value("conveyor_unbatched_approved_lines", labels) == 2
    await freeze(books, SEPTEMBER)
    await watch.look()
    assert REGISTRY.get_sample_value("conveyor_unbatched_approved_lines", labels) == 0
    assert REGISTRY.get_sample_value("conveyor_ledger_entries", labels) == 4


def test_a_long_look_rests_long() -> None:
    assert rest_after(timedelta(seconds=0.1)) == timedelta(seconds=60)
    assert rest_after(timedelta(seconds=4)) == timedelta(seconds=200)
