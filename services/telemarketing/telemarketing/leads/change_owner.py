"""Giving a lead to somebody, or back to the queue."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conveyor.kit.http.etags import StaleRevision
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import Invalid
from telemarketing.leads.answers import LeadView
from telemarketing.leads.lock_lead import lock_seen_lead
from telemarketing.leads.queries import lead_views
from telemarketing.leads.settle_owners import settle_owners
from telemarketing.leads.tables import LeadAssignment
from telemarketing.sdrs import check_still_here, known_sdr
from telemarketing.wiring import Caller, Desk


@dataclass(frozen=True, slots=True)
class ChangeOwner:
    """From `from_at` (now when empty) on the lead is `employee_id`'s, or nobody's."""

    lead_id: UUID
    revision: int
    employee_id: UUID | None
    from_at: datetime | None


async def change_owner(desk: Desk, *, caller: Caller, command: ChangeOwner) -> LeadView:
    """Assign the lead. Raises NotFound, StaleRevision, Invalid (`/from` in the future, no SDR), EmployeeHasLeft."""
    now = desk.database.clock.now()
    from_at = command.from_at or now
    if from_at > now:
        raise Invalid.field(pointer="/from", message="must not lie in the future")
    if command.employee_id is not None:
        employee = await known_sdr(desk.database, command.employee_id)
        await check_still_here(desk.database, employee, from_at)
    async with desk.database.transaction() as tx:
        lead = await lock_seen_lead(tx, lead_id=command.lead_id, role=caller.role, employee_id=caller.employee_id)
        if lead.revision != command.revision:
            raise StaleRevision
        tx.session.add(
            LeadAssignment(
                assignment_id=new_id(), lead_id=lead.lead_id, employee_id=command.employee_id, from_at=from_at
            )
        )
        await settle_owners(tx, [lead])
        if lead.revision == command.revision:
            # Another owner of the past is a change too, which nobody may make twice without having read the first.
            lead.revision += 1
        [view] = await lead_views(tx.session, [lead])
        return await tx.commit(view)
