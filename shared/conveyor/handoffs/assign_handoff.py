"""The head names who should answer a handoff."""

from uuid import UUID

from conveyor.handoffs.models import AssignHandoff, HandoffView
from conveyor.handoffs.queries import arrived, received_for_update, view_of
from conveyor.handoffs.reroute_handoffs import route_to
from conveyor.handoffs.rules import refuse_unless_offered
from conveyor.handoffs.stage import ReceivingStage
from conveyor.kit.database import Database, lock
from conveyor.kit.refusals import Invalid, NotFound
from conveyor.roster.queries import absent_on, current_calendar, working_employee


async def assign_handoff(
    *, database: Database, stage: ReceivingStage, handoff_id: UUID, said: AssignHandoff
) -> HandoffView:
    """Route it to the named employee, whatever his load; the escalation is over with that.

    Raises NotFound, Invalid for somebody who is not of the stage, not employed or away, a named refusal once answered.
    """
    await arrived(database, handoff_id)
    await working_employee(database, said.employee_id, role=stage.role, at=database.clock.now())
    async with database.transaction() as tx:
        await lock(tx, "routing", stage.stage)
        handoff = await received_for_update(tx.session, handoff_id)
        if handoff is None:
            raise NotFound
        refuse_unless_offered(handoff.state)
        today = (await current_calendar(tx.session)).calendar.day_of(tx.now)
        if said.employee_id in await absent_on(tx.session, today):
            raise Invalid.field(pointer="/employee_id", message="is away today")
        handoff.escalated_at = None
        route_to(tx, handoff, stage=stage, employee_id=said.employee_id, reason="assigned")
        return await tx.commit(view_of(handoff))
