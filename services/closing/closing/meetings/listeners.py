"""What deals hear about their meetings. The consumer commits."""

from sqlalchemy import update

from closing.meetings.tables import DealMeeting
from conveyor.contracts.telemarketing import MeetingCancelled
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners


def listen(listeners: Listeners) -> None:
    """Register after the inbox: it makes a cancellation wait for its offer, and so for the deal."""
    listeners.on(MeetingCancelled, cancel_meeting)


async def cancel_meeting(tx: Transaction, event: Event[MeetingCancelled]) -> None:
    """The deal of an accepted handoff stays; its planned meeting will not take place."""
    await tx.session.execute(
        update(DealMeeting)
        .where(DealMeeting.meeting_id == event.fact.meeting_id, DealMeeting.state == "planned")
        .values(state="cancelled", outcome_at=event.occurred_at, outcome_by=event.fact.employee_id)
        .execution_options(synchronize_session=False)
    )
