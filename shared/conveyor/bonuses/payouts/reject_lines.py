"""Action: payroll could not pay some rows of a batch; their entries go into the next batch."""

from collections.abc import Sequence

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.payouts.queries import existing_batch, lock_payouts, rejected_lines_of
from conveyor.bonuses.payouts.release_lines import RejectedLineInput, release_lines
from conveyor.bonuses.payouts.rules import check_acknowledgeable
from conveyor.bonuses.payouts.views import RejectedLinesView, batch_view


async def reject_lines(
    desk: Desk, *, batch_id: str, lines: Sequence[RejectedLineInput], actor: str
) -> RejectedLinesView:
    """Reject rows of an exported or acknowledged batch; its bytes and control totals stay as they were frozen.

    Raises NotFound, BatchNotExported, BatchAlreadyPaid, BatchAlreadyRejected, Invalid for an unknown line,
    LineAlreadyRejected.
    """
    async with desk.database.transaction() as tx:
        await lock_payouts(tx)
        batch = await existing_batch(tx.session, batch_id, to_change=True)
        check_acknowledgeable(batch.state)
        numbers = set(await release_lines(tx, batch, lines, pointer="/lines", actor=actor))
        await tx.session.flush()
        rejected = await rejected_lines_of(tx.session, batch_id, limit=batch.rejected_lines)
        answer = RejectedLinesView(
            batch=batch_view(batch, role=desk.role), lines=[line for line in rejected if line.line_no in numbers]
        )
        return await tx.commit(answer)
