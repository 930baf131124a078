"""Booked meetings over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from conveyor.contracts.values import Text
from conveyor.kit.http.auth import Principal, acting_employee, allow
from conveyor.kit.http.models import BusinessInstant, RequestModel
from conveyor.kit.http.pagination import Page, PageQuery
from telemarketing.meetings.answers import MeetingBookedView, MeetingView
from telemarketing.meetings.book_meeting import BookMeeting, book_meeting
from telemarketing.meetings.cancel_meeting import CancellationReason, CancelMeeting, cancel_meeting
from telemarketing.meetings.queries import list_meetings, meeting_views, meetings_seen_by, seen_meeting
from telemarketing.meetings.rules import MeetingState
from telemarketing.wiring import DeskHere, caller_of, limited_to

router = APIRouter(tags=["meetings"])

Reader = Annotated[Principal, Depends(allow("sdr", "head", "marketing", "auditor", "admin", "integration"))]
Worker = Annotated[Principal, Depends(allow("sdr", "integration", "admin"))]


class MeetingToBook(RequestModel):
    """A meeting; `starts_at` must lie after `occurred_at`. `employee_id` only from other systems."""

    starts_at: BusinessInstant
    contact_id: UUID | None = None
    place: Text | None = None
    introduction_wanted: bool = False
    occurred_at: BusinessInstant | None = None
    employee_id: UUID | None = None


class Cancellation(RequestModel):
    """Why the meeting will not take place. Other systems may leave out who said so."""

    reason: CancellationReason
    occurred_at: BusinessInstant | None = None
    employee_id: UUID | None = None


@router.post("/leads/{lead_id}/meetings", status_code=201, operation_id="meetings_book_meeting")
async def post_meeting(lead_id: UUID, body: MeetingToBook, desk: DeskHere, principal: Worker) -> MeetingBookedView:
    """Book a meeting and offer the lead to closing."""
    return await book_meeting(
        desk,
        caller=caller_of(principal),
        command=BookMeeting(
            lead_id=lead_id,
            employee_id=acting_employee(principal, body.employee_id),
            starts_at=body.starts_at,
            contact_id=body.contact_id,
            place=body.place,
            introduction_wanted=body.introduction_wanted,
            occurred_at=body.occurred_at,
        ),
    )


@router.post("/meetings/{meeting_id}/cancellation", operation_id="meetings_cancel_meeting")
async def post_cancellation(meeting_id: UUID, body: Cancellation, desk: DeskHere, principal: Worker) -> MeetingView:
    """Cancel a booked meeting; the handoff falls away with it unless it was answered."""
    is_other_system = principal.role in {"integration", "admin"}
    return await cancel_meeting(
        desk,
        caller=caller_of(principal),
        seen_by=limited_to(principal),
        command=CancelMeeting(
            meeting_id=meeting_id,
            employee_id=body.employee_id if is_other_system else acting_employee(principal, body.employee_id),
            reason=body.reason,
            occurred_at=body.occurred_at,
        ),
    )


@router.get("/meetings", operation_id="meetings_list_meetings")
async def get_meetings(
    *,
    desk: DeskHere,
    principal: Reader,
    page: PageQuery,
    lead_id: UUID | None = None,
    employee_id: UUID | None = None,
    state: MeetingState | None = None,
) -> Page[MeetingView]:
    """Meetings by lead, booker and state. An SDR gets those he booked and those of his leads."""
    seen = meetings_seen_by(limited_to(principal))
    async with desk.database.reading() as session:
        return await list_meetings(session, seen=seen, lead_id=lead_id, employee_id=employee_id, state=state, page=page)


@router.get("/meetings/{meeting_id}", operation_id="meetings_read_meeting")
async def get_meeting(meeting_id: UUID, desk: DeskHere, principal: Reader) -> MeetingView:
    """One meeting."""
    async with desk.database.reading() as session:
        meeting = await seen_meeting(session, meeting_id=meeting_id, sdr_id=limited_to(principal))
        [view] = await meeting_views(session, [meeting])
        return view
