"""Book a meeting of a deal again, after a miss or a cancellation. It pays no SDR bonus."""

from closing.deals.doing import Desk, Doing, deal_to_change
from closing.deals.rules import refuse_if_lost
from closing.meetings.models import MeetingView, RebookMeeting
from closing.meetings.queries import meeting_rows, view_of
from closing.meetings.rules import refuse_booking
from closing.meetings.tables import DealMeeting
from conveyor.contracts.closing import MeetingRebooked
from conveyor.kit.ids import new_id


async def rebook_meeting(desk: Desk, *, doing: Doing, said: RebookMeeting) -> MeetingView:
    """Refused while another meeting of the deal is planned, and on a lost deal."""
    async with desk.database.transaction() as tx:
        deal = await deal_to_change(tx, deal_id=doing.deal_id, principal=doing.principal)
        refuse_if_lost(deal.state)
        booked = await meeting_rows(tx.session, deal.deal_id)
        refuse_booking(states=[one.state for one in booked], starts_at=said.starts_at, booked_at=doing.at)
        meeting = DealMeeting(
            meeting_id=new_id(),
            deal_id=deal.deal_id,
            state="planned",
            starts_at=said.starts_at,
            place=said.place,
            booked_by=doing.employee_id,
            booked_at=doing.at,
        )
        tx.session.add(meeting)
        tx.say(
            MeetingRebooked(
                meeting_id=meeting.meeting_id,
                lead_id=deal.lead_id,
                deal_id=deal.deal_id,
                employee_id=doing.employee_id,
                starts_at=said.starts_at,
                place=said.place,
            ),
            occurred_at=doing.at,
        )
        return await tx.commit(view_of(meeting))
