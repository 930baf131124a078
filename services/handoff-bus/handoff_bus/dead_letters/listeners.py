"""Dead letters as the services announce and settle them."""

from sqlalchemy.dialects.postgresql import insert

from conveyor.contracts.messages import DeadLetterRecorded
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from handoff_bus.dead_letters.tables import AnnouncedDeadLetter


def listen(listeners: Listeners) -> None:
    """Register the handler."""
    listeners.on(DeadLetterRecorded, on_dead_letter_recorded)


async def on_dead_letter_recorded(tx: Transaction, event: Event[DeadLetterRecorded]) -> None:
    """Keep the state of the highest revision, whichever comes first."""
    row = {"service": event.service, **event.fact.model_dump()}
    kept = insert(AnnouncedDeadLetter).values(row)
    await tx.session.execute(
        kept.on_conflict_do_update(
            index_elements=[AnnouncedDeadLetter.service, AnnouncedDeadLetter.message_id],
            set_={name: kept.excluded[name] for name in row},
            where=AnnouncedDeadLetter.revision < kept.excluded.revision,
        )
    )
