"""Record whether a meeting was held or missed."""

from closing.deals.doing import Desk, Doing, deal_to_change
from closing.meetings.models import MeetingView, RecordOutcome
from closing.meetings.queries import meeting_rows, view_of
from closing.meetings.rules import refuse_outcome, refuse_outcome_before_booking
from conveyor.contracts.closing import MeetingHeld, MeetingMissed
from conveyor.kit.refusals import Invalid


async def record_outcome(desk: Desk, *, doing: Doing, said: RecordOutcome) -> MeetingView:
    """A meeting has one outcome. It may be recorded on a closed deal too: history comes in any order."""
    async with desk.database.transaction() as tx:
        deal = await deal_to_change(tx, deal_id=doing.deal_id, principal=doing.principal)
        booked = await meeting_rows(tx.session, deal.deal_id)
        meeting = next((one for one in booked if one.meeting_id == said.meeting_id), None)
        if meeting is None:
            raise Invalid.field(pointer="/meeting_id", message="no such meeting of this deal")
        refuse_outcome(meeting.state)
        refuse_outcome_before_booking(occurred_at=doing.at, booked_at=meeting.booked_at)
        meeting.state = said.outcome
        meeting.outcome_by = doing.employee_id
        meeting.outcome_at = doing.at
        fact = MeetingHeld if said.outcome == "held" else MeetingMissed
        tx.say(
            fact(
                meeting_id=meeting.meeting_id,
                lead_id=deal.lead_id,
                deal_id=deal.deal_id,
                employee_id=doing.employee_id,
            ),
            occurred_at=doing.at,
        )
        return await tx.commit(view_of(meeting))
