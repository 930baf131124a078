"""Backlogs as the services report them."""

from sqlalchemy.dialects.postgresql import insert

from conveyor.contracts.messages import BacklogReported
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from handoff_bus.backlogs.tables import ReportedBacklog


def listen(listeners: Listeners) -> None:
    """Register the handler."""
    listeners.on(BacklogReported, on_backlog_reported)


async def on_backlog_reported(tx: Transaction, event: Event[BacklogReported]) -> None:
    """Keep the newest report of the service."""
    fact = event.fact
    row = {
        **fact.model_dump(exclude={"parked"}),
        "service": event.service,
        "reported_at": event.recorded_at,
        "parked": [each.model_dump(mode="json") for each in fact.parked],
    }
    kept = insert(ReportedBacklog).values(row)
    await tx.session.execute(
        kept.on_conflict_do_update(
            index_elements=[ReportedBacklog.service],
            set_={name: kept.excluded[name] for name in row},
            where=ReportedBacklog.reported_at < kept.excluded.reported_at,
        )
    )
