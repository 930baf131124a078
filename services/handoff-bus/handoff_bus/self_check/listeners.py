"""Lists and comparisons as the services say them."""

from datetime import UTC

from sqlalchemy.dialects.postgresql import insert

from conveyor.contracts.messages import IntakeCompared, PublicationsListed
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from handoff_bus.self_check.tables import ComparedIntake, ListedPublications


def listen(listeners: Listeners) -> None:
    """Register the handlers."""
    listeners.on(PublicationsListed, on_publications_listed)
    listeners.on(IntakeCompared, on_intake_compared)


async def on_publications_listed(tx: Transaction, event: Event[PublicationsListed]) -> None:
    """Count what a service said it said."""
    fact = event.fact
    row = {
        "list_id": event.id,
        "service": event.service,
        "day": fact.from_at.astimezone(UTC).date(),
        "from_at": fact.from_at,
        "until_at": fact.until_at,
        "part": fact.part,
        "parts": fact.parts,
        "facts": sum(len(listed.ids) for listed in fact.facts),
    }
    await tx.session.execute(insert(ListedPublications).values(row).on_conflict_do_nothing())


async def on_intake_compared(tx: Transaction, event: Event[IntakeCompared]) -> None:
    """Keep the newest result of a reader, whichever comes first."""
    fact = event.fact
    row = {
        **fact.model_dump(),
        "reader": event.service,
        "day": fact.from_at.astimezone(UTC).date(),
        "missing": list(fact.missing),
        "compared_at": event.recorded_at,
    }
    kept = insert(ComparedIntake).values(row)
    await tx.session.execute(
        kept.on_conflict_do_update(
            index_elements=[ComparedIntake.reader, ComparedIntake.list_id],
            set_={name: kept.excluded[name] for name in row},
            where=ComparedIntake.revision < kept.excluded.revision,
        )
    )
