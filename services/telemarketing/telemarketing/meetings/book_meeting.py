"""Booking a meeting, which offers the lead to closing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conveyor.contracts.telemarketing import MeetingBooked
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import Invalid
from telemarketing.handoffs.patience import await_answer
from telemarketing.handoffs.queries import handoffs_of, held_spans
from telemarketing.handoffs.rules import check_may_offer, check_work_allowed
from telemarketing.handoffs.tables import OutgoingHandoff
from telemarketing.leads.queries import company_of, contacts_of
from telemarketing.leads.tables import Lead
from telemarketing.leads.take_up import take_up
from telemarketing.meetings.answers import HandoffOffer, MeetingBookedView, meeting_view
from telemarketing.meetings.offer import TOUCHES_MAX, handoff_offer
from telemarketing.meetings.rules import check_starts_later
from telemarketing.meetings.tables import Meeting
from telemarketing.sdrs import check_still_here, known_sdr
from telemarketing.standing.settle import settle_standing
from telemarketing.touches.queries import latest_touches
from telemarketing.wiring import Caller, Desk


@dataclass(frozen=True, slots=True)
class BookMeeting:
    """The employee booked the meeting at `occurred_at` (now when empty)."""

    lead_id: UUID
    employee_id: UUID
    starts_at: datetime
    contact_id: UUID | None
    place: str | None
    introduction_wanted: bool
    occurred_at: datetime | None


async def book_meeting(desk: Desk, *, caller: Caller, command: BookMeeting) -> MeetingBookedView:
    """Book the meeting and offer the handoff, both or neither.

    Raises NotFound, Invalid (`/starts_at`, `/contact_id`, `/employee_id`, `/occurred_at`), EmployeeHasLeft,
    LeadAlreadyHandedOver while an earlier handoff is offered or accepted, and LeadHandedOver for a time when one was.
    """
    now = desk.database.clock.now()
    occurred_at = desk.business_time(command.occurred_at, now=now, role=caller.role)
    check_starts_later(starts_at=command.starts_at, booked_at=occurred_at)
    employee = await known_sdr(desk.database, command.employee_id)
    await check_still_here(desk.database, employee, occurred_at)
    await await_answer(desk.database, lead_id=command.lead_id, at=None)
    async with desk.database.transaction() as tx:
        lead = await take_up(
            tx,
            lead_id=command.lead_id,
            caller=caller,
            employee_id=command.employee_id,
            occurred_at=occurred_at,
        )
        check_may_offer([handoff.state for handoff in await handoffs_of(tx.session, lead.lead_id)])
        check_work_allowed(occurred_at=occurred_at, held=await held_spans(tx.session, lead.lead_id))
        contacts = (await contacts_of(tx.session, [lead.lead_id]))[lead.lead_id]
        if command.contact_id not in {None, *(contact.contact_id for contact in contacts)}:
            raise Invalid.field(pointer="/contact_id", message="must be a contact of this lead")
        meeting, handoff = await _insert(tx, lead, command, occurred_at=occurred_at)
        await settle_standing(tx, [lead])
        touches = await latest_touches(tx.session, lead.lead_id, touches_max=TOUCHES_MAX)
        tx.say(_booked(meeting), occurred_at=occurred_at)
        tx.say(
            handoff_offer(meeting=meeting, company=company_of(lead), contacts=contacts, touches=touches),
            occurred_at=occurred_at,
        )
        return await tx.commit(_view(meeting, handoff))


async def _insert(
    tx: Transaction, lead: Lead, command: BookMeeting, *, occurred_at: datetime
) -> tuple[Meeting, OutgoingHandoff]:
    meeting = Meeting(
        meeting_id=new_id(),
        lead_id=lead.lead_id,
        handoff_id=new_id(),
        employee_id=command.employee_id,
        contact_id=command.contact_id,
        starts_at=command.starts_at,
        place=command.place,
        introduction_wanted=command.introduction_wanted,
        occurred_at=occurred_at,
        recorded_at=tx.now,
    )
    tx.session.add(meeting)
    await tx.session.flush()
    handoff = OutgoingHandoff(
        handoff_id=meeting.handoff_id,
        lead_id=lead.lead_id,
        meeting_id=meeting.meeting_id,
        to_stage="closing",
        offered_by=command.employee_id,
        offered_at=occurred_at,
        recorded_at=tx.now,
        state="offered",
    )
    tx.session.add(handoff)
    await tx.session.flush()
    return meeting, handoff


def _booked(meeting: Meeting) -> MeetingBooked:
    return MeetingBooked(
        meeting_id=meeting.meeting_id,
        lead_id=meeting.lead_id,
        employee_id=meeting.employee_id,
        handoff_id=meeting.handoff_id,
        starts_at=meeting.starts_at,
        place=meeting.place,
    )


def _view(meeting: Meeting, handoff: OutgoingHandoff) -> MeetingBookedView:
    return MeetingBookedView(
        **meeting_view(meeting, None).model_dump(),
        handoff=HandoffOffer(
            id=handoff.handoff_id, lead_id=handoff.lead_id, state=handoff.state, to_stage=handoff.to_stage
        ),
    )
