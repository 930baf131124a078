"""Action: an adjustment is not approved. Whoever asked for it may take it back in this way too."""

from uuid import UUID

from conveyor.bonuses.adjustments.queries import existing_adjustment
from conveyor.bonuses.adjustments.rules import AdjustmentAlreadyDecided
from conveyor.bonuses.adjustments.views import AdjustmentView, adjustment_view
from conveyor.bonuses.desk import Desk
from conveyor.contracts.bonuses import BonusAdjustmentDecided
from conveyor.kit.http.auth import Principal
from conveyor.kit.money import Money


async def reject_adjustment(desk: Desk, *, adjustment_id: UUID, reason: str, principal: Principal) -> AdjustmentView:
    """Refuse the adjustment for a reason. Raises NotFound, AdjustmentAlreadyDecided (naming the `state`)."""
    async with desk.database.transaction() as tx:
        row = await existing_adjustment(tx.session, adjustment_id, lock=True)
        if row.state != "pending":
            raise AdjustmentAlreadyDecided(state=row.state)
        row.state, row.decided_by, row.decided_at = "rejected", principal.subject, tx.now
        row.decided_by_employee_id, row.rejection = principal.employee_id, reason
        await tx.session.flush()
        tx.say(
            BonusAdjustmentDecided(
                adjustment_id=adjustment_id,
                role=desk.role,
                employee_id=row.employee_id,
                outcome="rejected",
                amount=Money(row.amount_minor, row.currency).to_wire(),
            )
        )
        return await tx.commit(adjustment_view(row))
