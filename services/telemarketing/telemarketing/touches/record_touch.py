"""Recording a touch."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conveyor.contracts.telemarketing import TouchKind, TouchRecorded
from conveyor.kit.ids import new_id
from telemarketing.handoffs.patience import await_answer
from telemarketing.handoffs.queries import held_spans
from telemarketing.handoffs.rules import check_work_allowed
from telemarketing.leads.take_up import take_up
from telemarketing.sdrs import check_still_here, known_sdr
from telemarketing.standing.settle import settle_standing
from telemarketing.touches.answers import TouchView, touch_view
from telemarketing.touches.tables import Touch
from telemarketing.wiring import Caller, Desk


@dataclass(frozen=True, slots=True)
class RecordTouch:
    """The employee did this to the lead at `occurred_at` (now when empty)."""

    lead_id: UUID
    employee_id: UUID
    kind: TouchKind
    note: str | None
    occurred_at: datetime | None


async def record_touch(desk: Desk, *, caller: Caller, command: RecordTouch) -> TouchView:
    """Record the touch. Raises NotFound, Invalid, EmployeeHasLeft, LeadHandedOver.

    A touch dated before the lead was handed over may be recorded afterwards, so history comes in any order.
    """
    now = desk.database.clock.now()
    occurred_at = desk.business_time(command.occurred_at, now=now, role=caller.role)
    employee = await known_sdr(desk.database, command.employee_id)
    await check_still_here(desk.database, employee, occurred_at)
    await await_answer(desk.database, lead_id=command.lead_id, at=occurred_at)
    async with desk.database.transaction() as tx:
        lead = await take_up(
            tx,
            lead_id=command.lead_id,
            caller=caller,
            employee_id=command.employee_id,
            occurred_at=occurred_at,
        )
        check_work_allowed(occurred_at=occurred_at, held=await held_spans(tx.session, lead.lead_id))
        touch = Touch(
            touch_id=new_id(),
            lead_id=lead.lead_id,
            employee_id=command.employee_id,
            kind=command.kind,
            note=command.note,
            occurred_at=occurred_at,
            recorded_at=tx.now,
        )
        tx.session.add(touch)
        await settle_standing(tx, [lead])
        tx.say(
            TouchRecorded(
                touch_id=touch.touch_id,
                lead_id=lead.lead_id,
                employee_id=command.employee_id,
                kind=command.kind,
                note=command.note,
            ),
            occurred_at=occurred_at,
        )
        return await tx.commit(touch_view(touch))
