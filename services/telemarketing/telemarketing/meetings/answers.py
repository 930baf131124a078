"""How a booked meeting is answered."""

from datetime import datetime
from uuid import UUID

from conveyor.kit.http.models import AnswerModel
from telemarketing.meetings.rules import MeetingState, meeting_state
from telemarketing.meetings.tables import Meeting, MeetingOutcome


class MeetingView(AnswerModel):
    """A meeting with the handoff that it travels with."""

    id: UUID
    lead_id: UUID
    handoff_id: UUID
    employee_id: UUID
    contact_id: UUID | None
    starts_at: datetime
    place: str | None
    introduction_wanted: bool
    occurred_at: datetime
    state: MeetingState
    cancelled_at: datetime | None = None
    cancellation_reason: str | None = None
    outcome_at: datetime | None = None


class HandoffOffer(AnswerModel):
    """The handoff that a booked meeting offers."""

    id: UUID
    lead_id: UUID
    state: str
    to_stage: str


class MeetingBookedView(MeetingView):
    """A meeting just booked, and the handoff just offered."""

    handoff: HandoffOffer


def meeting_view(meeting: Meeting, outcome: MeetingOutcome | None) -> MeetingView:
    """The meeting as it is answered."""
    return MeetingView(
        id=meeting.meeting_id,
        lead_id=meeting.lead_id,
        handoff_id=meeting.handoff_id,
        employee_id=meeting.employee_id,
        contact_id=meeting.contact_id,
        starts_at=meeting.starts_at,
        place=meeting.place,
        introduction_wanted=meeting.introduction_wanted,
        occurred_at=meeting.occurred_at,
        state=meeting_state(
            cancelled=meeting.cancelled_at is not None, outcome=None if outcome is None else outcome.outcome
        ),
        cancelled_at=meeting.cancelled_at,
        cancellation_reason=meeting.cancellation_reason,
        outcome_at=None if outcome is None else outcome.occurred_at,
    )
