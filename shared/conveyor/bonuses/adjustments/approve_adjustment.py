"""Action: a second person approves an adjustment, and the ledger takes it into an open month."""

from uuid import UUID

from conveyor.bonuses.adjustments.queries import existing_adjustment
from conveyor.bonuses.adjustments.rules import AdjustmentAlreadyDecided, Agreed, check_approver, line_of
from conveyor.bonuses.adjustments.tables import Adjustment
from conveyor.bonuses.adjustments.views import AdjustmentView, adjustment_view
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.ledger.append import append, lock_journal
from conveyor.bonuses.ledger.queries import entry_of_cause
from conveyor.bonuses.ledger.rules import Accrual
from conveyor.bonuses.periods.queries import closed_through
from conveyor.contracts.bonuses import BonusAdjustmentDecided
from conveyor.kit.database import Transaction
from conveyor.kit.http.auth import Principal
from conveyor.kit.money import Money
from conveyor.roster.queries import current_calendar


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
        entry_id, period = await _post(desk, tx, row, approver=principal.subject)
        row.state, row.decided_by, row.decided_at = "approved", principal.subject, tx.now
        row.decided_by_employee_id, row.entry_id = principal.employee_id, entry_id
        await tx.session.flush()
        tx.say(
            BonusAdjustmentDecided(
                adjustment_id=adjustment_id,
                role=desk.role,
                employee_id=row.employee_id,
                outcome="approved",
                amount=Money(row.amount_minor, row.currency).to_wire(),
                entry_id=entry_id,
                period=period,
            )
        )
        return await tx.commit(adjustment_view(row))


async def _post(desk: Desk, tx: Transaction, row: Adjustment, *, approver: str) -> tuple[UUID, str]:
    agreed = Agreed(
        adjustment_id=row.adjustment_id,
        employee_id=row.employee_id,
        component=row.component,
        reason_code=row.reason_code,
        reason=row.reason,
        amount=Money(row.amount_minor, row.currency),
        earned_on=row.earned_on,
        lead_id=row.lead_id,
        dispute_id=row.dispute_id,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        approved_by=approver,
        approved_at=tx.now,
    )
    calendar = (await current_calendar(tx.session)).calendar
    line = line_of(agreed, role=desk.role, calendar=calendar)
    posting = Accrual(line=line, revision=1, by_hand=True)
    await append(tx, [posting], role=desk.role, closed_through=await closed_through(tx.session))
    return await entry_of_cause(tx.session, employee_id=row.employee_id, cause=line.cause)
