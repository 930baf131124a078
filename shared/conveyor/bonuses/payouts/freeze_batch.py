"""Action: freeze everything payable up to a closed period into a batch, with its rows and bytes, and say so."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import func, select

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.ledger.append import head_of
from conveyor.bonuses.payouts import queries
from conveyor.bonuses.payouts.announce import Announcement
from conveyor.bonuses.payouts.files import keep_file, pages_of, take_time
from conveyor.bonuses.payouts.rules import PayoutBatchExists, PeriodNotClosed
from conveyor.bonuses.payouts.select_entries import left_out, take_entries, totals_in, write_rows
from conveyor.bonuses.payouts.tables import PayoutBatch, PayoutBatchRow
from conveyor.bonuses.payouts.views import PayoutBatchView, batch_view
from conveyor.bonuses.periods.queries import state_of
from conveyor.kit.calendar import Month
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.payroll_file.forms import wanted_file
from conveyor.payroll_file.rows import FileRow
from conveyor.payroll_file.streaming import Pages

_UNKNOWN_YET = "0" * 64


async def freeze_batch(desk: Desk, *, month: Month, actor: str) -> PayoutBatchView:
    """Make the period's batch, an empty one too.

    Raises PeriodNotClosed, PayoutBatchExists (naming it in `batch_id`), PayrollNumberUnknown.
    """
    period = str(month)
    async with desk.database.transaction() as tx:
        # Decides between two callers. The journal itself may grow meanwhile: nothing is posted into a closed period.
        await queries.lock_payouts(tx)
        if await state_of(tx.session, month) != "closed":
            raise PeriodNotClosed(period=period)
        existing = await queries.live_batch_of(tx.session, period)
        if existing is not None:
            raise PayoutBatchExists(batch_id=existing.batch_id, id=existing.batch_id)
        await take_time(tx.session)
        batch = await _begin(desk, tx, period=period, actor=actor)
        await take_entries(tx.session, batch_id=batch.batch_id, period=period, journal_no=batch.journal_no)
        await write_rows(tx.session, batch_id=batch.batch_id)
        await _count(tx, batch)
        await _write_out(desk, tx, batch)
        return await tx.commit(batch_view(batch, role=desk.role))


async def _begin(desk: Desk, tx: Transaction, *, period: str, actor: str) -> PayoutBatch:
    number = await queries.next_number(tx.session, period)
    head = await head_of(tx.session)
    batch = PayoutBatch(
        batch_id=f"{desk.database.service}-{period}-{number}",
        technical_id=new_id(),
        period=period,
        number=number,
        state="frozen",
        lines=0,
        totals=[],
        carried_forward=[],
        sha256=_UNKNOWN_YET,
        journal_no=head.journal_no,
        chain_head=head.hash,
        frozen_at=tx.now,
        frozen_by=actor,
        rejected_lines=0,
    )
    tx.session.add(batch)
    await tx.session.flush()
    return batch


async def _count(tx: Transaction, batch: PayoutBatch) -> None:
    batch.lines = await tx.session.scalar(select(func.count()).where(PayoutBatchRow.batch_id == batch.batch_id)) or 0
    batch.totals = await totals_in(tx.session, batch_id=batch.batch_id)
    batch.carried_forward = await left_out(tx.session, period=batch.period, journal_no=batch.journal_no)


async def _write_out(desk: Desk, tx: Transaction, batch: PayoutBatch) -> None:
    announcement = Announcement(tx, batch, role=desk.role)
    pages = _announced(pages_of(tx.session, batch, role=desk.role), announcement)
    written = await keep_file(tx.session, batch, pages, wanted=wanted_file())
    batch.sha256 = written.sha256
    await announcement.end()


async def _announced(pages: Pages, announcement: Announcement) -> AsyncIterator[Sequence[FileRow]]:
    async for rows in pages:
        await announcement.add(rows)
        yield rows
