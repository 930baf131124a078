"""Action: the employee or the head writes into the thread of an open dispute."""

from uuid import UUID

from conveyor.bonuses.access import visible_employee
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.disputes.queries import existing_dispute, view_of
from conveyor.bonuses.disputes.rules import DisputeResolved
from conveyor.bonuses.disputes.tables import DisputeMessage
from conveyor.bonuses.disputes.views import DisputeView
from conveyor.kit.database import Transaction
from conveyor.kit.http.auth import Principal
from conveyor.kit.ids import new_id


async def write_message(desk: Desk, *, dispute_id: UUID, text: str, principal: Principal) -> DisputeView:
    """Add to the thread. Raises NotFound (a peer's dispute too), DisputeResolved."""
    async with desk.database.transaction() as tx:
        dispute = await existing_dispute(tx.session, dispute_id, lock=True)
        visible_employee(principal, dispute.employee_id)
        if dispute.state != "open":
            raise DisputeResolved(state=dispute.state)
        await add_message(tx, dispute_id=dispute_id, text=text, principal=principal)
        return await tx.commit(await view_of(tx.session, dispute))


async def add_message(tx: Transaction, *, dispute_id: UUID, text: str, principal: Principal) -> None:
    """Add a message to a transaction that the caller commits."""
    tx.session.add(
        DisputeMessage(
            message_id=new_id(),
            dispute_id=dispute_id,
            author=principal.subject,
            author_role=principal.role,
            written_at=tx.now,
            text=text,
        )
    )
    await tx.session.flush()
