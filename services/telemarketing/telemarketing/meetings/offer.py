"""What a handoff carries over: everything that the next person needs. Pure."""

from collections.abc import Sequence
from typing import Final

from conveyor.contracts.handoffs import HandoffOffered
from conveyor.contracts.values import Company, IdentifiedContact, MeetingSummary, TouchSummary
from telemarketing.meetings.tables import Meeting
from telemarketing.touches.tables import Touch

# One message must stay far below the broker's limit of a mebibyte.
TOUCHES_MAX: Final = 50
_NOTE_CHARACTERS_MAX: Final = 1000
_NEEDS_CHARACTERS_MAX: Final = 5000


def handoff_offer(
    *, meeting: Meeting, company: Company, contacts: tuple[IdentifiedContact, ...], touches: Sequence[Touch]
) -> HandoffOffered:
    """The offer to closing that travels with the meeting. `touches` oldest first, at most TOUCHES_MAX of them."""
    return HandoffOffered(
        handoff_id=meeting.handoff_id,
        lead_id=meeting.lead_id,
        from_stage="telemarketing",
        to_stage="closing",
        offered_by=meeting.employee_id,
        company=company,
        contacts=contacts,
        needs=_needs(touches),
        touches=tuple(_summary(touch) for touch in touches),
        meeting=MeetingSummary(
            meeting_id=meeting.meeting_id,
            starts_at=meeting.starts_at,
            place=meeting.place,
            contact_id=meeting.contact_id,
        ),
        introduction_wanted=meeting.introduction_wanted,
    )


def _needs(touches: Sequence[Touch]) -> str | None:
    notes = [touch.note for touch in touches if touch.kind == "need_identified" and touch.note]
    return "\n".join(notes)[:_NEEDS_CHARACTERS_MAX] or None


def _summary(touch: Touch) -> TouchSummary:
    return TouchSummary(
        kind=touch.kind,
        occurred_at=touch.occurred_at,
        employee_id=touch.employee_id,
        note=None if touch.note is None else touch.note[:_NOTE_CHARACTERS_MAX],
    )
