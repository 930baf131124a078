"""Action: a second person approves an adjustment, and the ledger takes it into an open month."""

from datetime import datetime
from uuid import UUID

from conveyor.bonuses.adjustments.post_adjustment import post_adjustment
from conveyor.bonuses.adjustments.queries import existing_adjustment
from conveyor.bonuses.adjustments.rules import AdjustmentAlreadyDecided, Agreed, check_approver, sha256_of
from conveyor.bonuses.adjustments.tables import Adjustment
from conveyor.bonuses.adjustments.views import AdjustmentView, adjustment_view, decision
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.ledger.append import lock_journal
from conveyor.kit.http.auth import Principal
from conveyor.kit.money import Money


async def approve_adjustment(desk: Desk, *, adjustment_id: UUID, principal: Principal) -> AdjustmentView:
    """Post the adjustment; of two decisions at once one wins and the other is told.

    Raises NotFound, AdjustmentAlreadyDecided (naming the `state`), OwnRequest, OwnPay.
    """
    async with desk.database.transaction() as tx:
        # The journal first, as everybody who posts; the row's own lock decides against a rejection.
        await lock_journal(tx)
        row = await existing_adjustment(tx.session, adjustment_id, lock=True)
        if row.state != "pending":
            raise AdjustmentAlreadyDecided(state=row.state)
        check_approver(
            requested_by=row.requested_by,
            employee_id=row.employee_id,
            approver=principal.subject,
            approver_employee_id=principal.employee_id,
        )
        agreed = _agreed(row, approver=principal.subject, now=tx.now)
        entry_id, period = await post_adjustment(tx, agreed, role=desk.role)
        row.state, row.decided_by, row.decided_at = "approved", principal.subject, tx.now
        row.decided_by_employee_id, row.entry_id = principal.employee_id, entry_id
        await tx.session.flush()
        tx.say(decision(row, role=desk.role, entry_id=entry_id, period=period))
        return await tx.commit(adjustment_view(row))


def _agreed(row: Adjustment, *, approver: str, now: datetime) -> Agreed:
    return Agreed(
        adjustment_id=row.adjustment_id,
        employee_id=row.employee_id,
        component=row.component,
        reason_code=row.reason_code,
        reason_sha256=sha256_of(row.reason),
        amount=Money(row.amount_minor, row.currency),
        earned_on=row.earned_on,
        lead_id=row.lead_id,
        dispute_id=row.dispute_id,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        approved_by=approver,
        approved_at=now,
    )
