"""Action: a dispute gets its outcome; what is upheld may ask for its adjustment in the same breath."""

from typing import Literal
from uuid import UUID

from conveyor.bonuses.adjustments.request_adjustment import Wanted, add_request
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.disputes.queries import existing_dispute, view_of
from conveyor.bonuses.disputes.rules import DisputeResolved, OwnDispute
from conveyor.bonuses.disputes.views import DisputeView
from conveyor.contracts.bonuses import BonusDisputeResolved
from conveyor.kit.http.auth import Principal


async def resolve_dispute(
    desk: Desk,
    *,
    dispute_id: UUID,
    outcome: Literal["upheld", "rejected"],
    reason: str,
    adjustment: Wanted | None,
    principal: Principal,
) -> DisputeView:
    """Uphold or reject an open dispute for a reason; the adjustment still needs its second person.

    Raises NotFound, DisputeResolved (naming the `state`), OwnDispute, Invalid.
    """
    async with desk.database.transaction() as tx:
        dispute = await existing_dispute(tx.session, dispute_id, lock=True)
        if dispute.employee_id == principal.employee_id:
            raise OwnDispute
        if dispute.state != "open":
            raise DisputeResolved(state=dispute.state)
        dispute.state, dispute.resolution = outcome, reason
        dispute.resolved_by, dispute.resolved_at = principal.subject, tx.now
        await tx.session.flush()
        tx.say(
            BonusDisputeResolved(
                dispute_id=dispute_id, role=desk.role, employee_id=dispute.employee_id, outcome=outcome
            )
        )
        if adjustment is not None:
            await add_request(
                desk,
                tx,
                employee_id=dispute.employee_id,
                wanted=adjustment,
                dispute_id=dispute_id,
                actor=principal.subject,
            )
        return await tx.commit(await view_of(tx.session, dispute))
