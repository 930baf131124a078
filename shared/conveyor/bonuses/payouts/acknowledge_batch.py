"""Action: payroll has taken a batch over and repeats its control totals."""

from collections.abc import Sequence

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.payouts.queries import existing_batch, lock_payouts
from conveyor.bonuses.payouts.release_lines import RejectedLineInput, release_lines
from conveyor.bonuses.payouts.rules import BatchAlreadyAcknowledged, ControlTotalsDiffer, check_acknowledgeable
from conveyor.bonuses.payouts.tables import PayoutBatch
from conveyor.bonuses.payouts.views import PayoutBatchView, batch_view
from conveyor.contracts.payroll import PayoutBatchAcknowledged
from conveyor.contracts.values import WireMoney


async def acknowledge_batch(
    desk: Desk,
    *,
    batch_id: str,
    external_run_id: str,
    lines: int,
    totals: Sequence[WireMoney],
    sha256: str,
    rejected_lines: Sequence[RejectedLineInput] = (),
    actor: str = "payroll",
) -> PayoutBatchView:
    """Acknowledge an exported batch; the same run may say so again, what it rejected counts the first time.

    The control totals are those of the whole file, the rejected lines included. Raises NotFound, BatchNotExported,
    BatchAlreadyAcknowledged, BatchAlreadyPaid, BatchAlreadyRejected, ControlTotalsDiffer (with both values), Invalid
    and LineAlreadyRejected for lines.
    """
    async with desk.database.transaction() as tx:
        await lock_payouts(tx)
        batch = await existing_batch(tx.session, batch_id, to_change=True)
        check_acknowledgeable(batch.state)
        _compare(batch, lines=lines, totals=totals, sha256=sha256)
        if batch.state == "acknowledged":
            if batch.external_run_id != external_run_id:
                raise BatchAlreadyAcknowledged(external_run_id=batch.external_run_id)
            return await tx.commit(batch_view(batch, role=desk.role))
        batch.state = "acknowledged"
        batch.acknowledged_at = tx.now
        batch.external_run_id = external_run_id
        tx.say(PayoutBatchAcknowledged(batch_id=batch_id, external_run_id=external_run_id))
        if rejected_lines:
            await release_lines(tx, batch, rejected_lines, pointer="/rejected_lines", actor=actor)
        return await tx.commit(batch_view(batch, role=desk.role))


def _compare(batch: PayoutBatch, *, lines: int, totals: Sequence[WireMoney], sha256: str) -> None:
    ours = {"lines": batch.lines, "totals": batch.totals, "sha256": batch.sha256}
    named = [total.model_dump() for total in sorted(totals, key=lambda total: total.currency)]
    theirs = {"lines": lines, "totals": named, "sha256": sha256.lower()}
    if ours != theirs:
        raise ControlTotalsDiffer(batch=ours, acknowledgement=theirs)
