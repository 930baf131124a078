"""Action: payroll rejects a whole batch; its entries wait for the period's next one."""

from sqlalchemy import update

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.payouts.queries import existing_batch, lock_payouts
from conveyor.bonuses.payouts.rules import check_changeable
from conveyor.bonuses.payouts.tables import PayoutBatchEntry
from conveyor.bonuses.payouts.views import PayoutBatchView, batch_view
from conveyor.contracts.payroll import PayoutBatchRejected


async def reject_batch(desk: Desk, *, batch_id: str, reason: str) -> PayoutBatchView:
    """Reject a batch that is not paid; the period may have another one, with the next number.

    Raises NotFound, BatchAlreadyPaid, BatchAlreadyRejected.
    """
    async with desk.database.transaction() as tx:
        await lock_payouts(tx)
        batch = await existing_batch(tx.session, batch_id, to_change=True)
        check_changeable(batch.state)
        batch.state = "rejected"
        batch.rejected_at = tx.now
        batch.rejection_reason = reason
        await tx.session.execute(
            update(PayoutBatchEntry)
            .where(PayoutBatchEntry.batch_id == batch_id, PayoutBatchEntry.live)
            .values(live=False, released_at=tx.now, released_because=reason)
        )
        tx.say(PayoutBatchRejected(batch_id=batch_id, period=batch.period, number=batch.number, reason=reason))
        return await tx.commit(batch_view(batch, role=desk.role))
