"""Action: an employee disputes an entry, or says that a line is missing."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.disputes.queries import existing_dispute, view_of
from conveyor.bonuses.disputes.rules import DisputeAlreadyOpen
from conveyor.bonuses.disputes.tables import Dispute
from conveyor.bonuses.disputes.views import DisputeView
from conveyor.bonuses.disputes.write_message import add_message
from conveyor.contracts.bonuses import BonusDisputeRaised
from conveyor.kit.http.auth import Principal
from conveyor.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Subject:
    """What is disputed: an entry, or as much of a missing line as the employee knows."""

    employee_id: UUID
    period: str
    entry_id: UUID | None = None
    component: str | None = None
    cause_id: str | None = None
    lead_id: UUID | None = None


async def raise_dispute(desk: Desk, *, subject: Subject, text: str, principal: Principal) -> DisputeView:
    """Open a thread with its first message. Raises DisputeAlreadyOpen, naming it in `dispute_id`."""
    values = {name: getattr(subject, name) for name in Subject.__slots__}
    async with desk.database.transaction() as tx:
        dispute_id = new_id()
        made = await tx.session.execute(
            insert(Dispute)
            .values(dispute_id=dispute_id, state="open", raised_at=tx.now, **values)
            .on_conflict_do_nothing()
            .returning(Dispute.dispute_id)
        )
        if made.first() is None:
            same = [getattr(Dispute, name).is_not_distinct_from(value) for name, value in values.items()]
            opened = await tx.session.scalar(select(Dispute.dispute_id).where(Dispute.state == "open", *same))
            raise DisputeAlreadyOpen(dispute_id=None if opened is None else str(opened))
        await add_message(tx, dispute_id=dispute_id, text=text, principal=principal)
        tx.say(
            BonusDisputeRaised(
                dispute_id=dispute_id,
                role=desk.role,
                employee_id=subject.employee_id,
                period=subject.period,
                entry_id=subject.entry_id,
                component=subject.component,
            )
        )
        view = await view_of(tx.session, await existing_dispute(tx.session, dispute_id))
        return await tx.commit(view)
