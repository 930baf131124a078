"""Reads of batches, and the lock under which entries find their batch."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.payouts.tables import PayoutBatch, PayoutBatchRow, RejectedLine
from conveyor.bonuses.payouts.views import RejectedLineView
from conveyor.contracts.values import WireMoney
from conveyor.kit.database import Transaction, lock
from conveyor.kit.refusals import NotFound


async def lock_payouts(tx: Transaction) -> None:
    """Take the payouts for this transaction: nobody else freezes, rejects or holds until it ends."""
    await lock(tx, "bonus-payouts")


async def live_batch_of(session: AsyncSession, period: str) -> PayoutBatch | None:
    """The period's batch that is not rejected."""
    return await session.scalar(
        select(PayoutBatch).where(PayoutBatch.period == period, PayoutBatch.state != "rejected")
    )


async def next_number(session: AsyncSession, period: str) -> int:
    """The number that the period's next batch gets."""
    last = await session.scalar(select(func.max(PayoutBatch.number)).where(PayoutBatch.period == period))
    return (last or 0) + 1


async def existing_batch(session: AsyncSession, batch_id: str, *, to_change: bool = False) -> PayoutBatch:
    """The batch, with its row locked when it is to be changed. Raises NotFound."""
    statement = select(PayoutBatch).where(PayoutBatch.batch_id == batch_id)
    batch = await session.scalar(statement.with_for_update() if to_change else statement)
    if batch is None:
        raise NotFound
    return batch


async def rejected_lines_of(session: AsyncSession, batch_id: str, *, limit: int) -> list[RejectedLineView]:
    """The first lines that payroll rejected, in file order."""
    rows = await session.execute(
        select(PayoutBatchRow, RejectedLine)
        .join(
            RejectedLine,
            (RejectedLine.batch_id == PayoutBatchRow.batch_id) & (RejectedLine.line_no == PayoutBatchRow.line_no),
        )
        .where(PayoutBatchRow.batch_id == batch_id)
        .order_by(PayoutBatchRow.line_no)
        .limit(limit)
    )
    return [
        RejectedLineView(
            line_no=row.line_no,
            payroll_number=row.payroll_number,
            component=row.component,
            cause_id=row.cause_id,
            lead=row.lead,
            amount=WireMoney(amount=row.amount, currency=row.currency),
            reason=line.reason,
            rejected_at=line.rejected_at,
            rejected_by=line.rejected_by,
        )
        for row, line in rows
    ]
