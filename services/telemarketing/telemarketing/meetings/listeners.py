"""What closing says of meetings."""

from sqlalchemy import tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from conveyor.contracts.closing import MeetingHeld, MeetingMissed
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from telemarketing.meetings.rules import MeetingState
from telemarketing.meetings.tables import MeetingOutcome


def listen(listeners: Listeners) -> None:
    """Held and missed; the latest word stands."""
    listeners.on(MeetingHeld, on_meeting_held)
    listeners.on(MeetingMissed, on_meeting_missed)


async def on_meeting_held(tx: Transaction, event: Event[MeetingHeld]) -> None:
    """The meeting took place."""
    await _keep(tx, event, "held")


async def on_meeting_missed(tx: Transaction, event: Event[MeetingMissed]) -> None:
    """The client did not come."""
    await _keep(tx, event, "missed")


async def _keep(tx: Transaction, event: Event[MeetingHeld] | Event[MeetingMissed], outcome: MeetingState) -> None:
    row = upsert(MeetingOutcome).values(
        meeting_id=event.fact.meeting_id,
        lead_id=event.fact.lead_id,
        outcome=outcome,
        occurred_at=event.occurred_at,
        event_id=event.id,
    )
    await tx.session.execute(
        row.on_conflict_do_update(
            index_elements=[MeetingOutcome.meeting_id],
            set_={name: row.excluded[name] for name in ("outcome", "occurred_at", "event_id")},
            where=tuple_(MeetingOutcome.occurred_at, MeetingOutcome.event_id)
            < tuple_(row.excluded.occurred_at, row.excluded.event_id),
        )
    )
