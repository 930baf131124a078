"""Action: an adjustment is not approved. Whoever asked for it may take it back in this way too."""

from uuid import UUID

from conveyor.bonuses.adjustments.queries import existing_adjustment
from conveyor.bonuses.adjustments.rules import AdjustmentAlreadyDecided
from conveyor.bonuses.adjustments.views import AdjustmentView, adjustment_view, decision
from conveyor.bonuses.desk import Desk
from conveyor.kit.http.auth import Principal


async def reject_adjustment(desk: Desk, *, adjustment_id: UUID, reason: str, principal: Principal) -> AdjustmentView:
    """Refuse the adjustment for a reason. Raises NotFound, AdjustmentAlreadyDecided (naming the `state`)."""
    async with desk.database.transaction() as tx:
        row = await existing_adjustment(tx.session, adjustment_id, lock=True)
        if row.state != "pending":
            raise AdjustmentAlreadyDecided(state=row.state)
        row.state, row.decided_by, row.decided_at = "rejected", principal.subject, tx.now
        row.decided_by_employee_id, row.rejection = principal.employee_id, reason
        await tx.session.flush()
        tx.say(decision(row, role=desk.role))
        return await tx.commit(adjustment_view(row))
