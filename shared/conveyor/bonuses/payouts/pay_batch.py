"""Action: payroll has paid an acknowledged batch."""

from datetime import date

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.payouts.queries import existing_batch
from conveyor.bonuses.payouts.rules import check_payable
from conveyor.bonuses.payouts.views import PayoutBatchView, batch_view
from conveyor.contracts.payroll import PayoutBatchPaid


async def pay_batch(desk: Desk, *, batch_id: str, paid_on: date | None) -> PayoutBatchView:
    """From here on nothing of the batch can be rejected.

    Raises NotFound, BatchNotAcknowledged, BatchAlreadyPaid, BatchAlreadyRejected.
    """
    async with desk.database.transaction() as tx:
        batch = await existing_batch(tx.session, batch_id, to_change=True)
        check_payable(batch.state)
        batch.state = "paid"
        batch.paid_at = tx.now
        batch.paid_on = paid_on
        tx.say(PayoutBatchPaid(batch_id=batch_id, period=batch.period, paid_on=paid_on))
        return await tx.commit(batch_view(batch, role=desk.role))
