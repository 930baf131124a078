"""What became of the lead after the handoff."""

from sqlalchemy.dialects.postgresql import insert as upsert

from conveyor.contracts.account import ClientOpened
from conveyor.contracts.closing import DealLost
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from telemarketing.progress.tables import Milestone
from telemarketing.standing.settle import settle_later


def listen(listeners: Listeners) -> None:
    """Lost deals and opened clients."""
    listeners.on(DealLost, on_deal_lost)
    listeners.on(ClientOpened, on_client_opened)


async def on_deal_lost(tx: Transaction, event: Event[DealLost]) -> None:
    """Closing lost the deal."""
    fact = event.fact
    await tx.session.execute(
        upsert(Milestone)
        .values(
            event_id=event.id,
            lead_id=fact.lead_id,
            kind="lost",
            occurred_at=event.occurred_at,
            employee_id=fact.employee_id,
            deal_id=fact.deal_id,
            reason=fact.reason,
            note=fact.note,
        )
        .on_conflict_do_nothing()
    )
    settle_later(tx, fact.lead_id)


async def on_client_opened(tx: Transaction, event: Event[ClientOpened]) -> None:
    """Account took the client into care."""
    fact = event.fact
    await tx.session.execute(
        upsert(Milestone)
        .values(
            event_id=event.id,
            lead_id=fact.lead_id,
            kind="client",
            occurred_at=event.occurred_at,
            employee_id=fact.employee_id,
        )
        .on_conflict_do_nothing()
    )
    settle_later(tx, fact.lead_id)
