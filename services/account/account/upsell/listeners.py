"""Closing's answers to what account offered. The consumer commits; an answer is the last word on its handoff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from account.upsell.tables import UpsellOffer
from conveyor.contracts.handoffs import HandoffAccepted, HandoffReturned
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners


def listen(listeners: Listeners) -> None:
    """A returned client may be offered again, an accepted one for the deal after."""
    listeners.on(HandoffAccepted, when_accepted, from_service="closing")
    listeners.on(HandoffReturned, when_returned, from_service="closing")


async def when_accepted(tx: Transaction, event: Event[HandoffAccepted]) -> None:
    """Closing opened a deal."""
    await _answer(tx, event.fact.handoff_id, state="accepted", answered_at=event.occurred_at)


async def when_returned(tx: Transaction, event: Event[HandoffReturned]) -> None:
    """Closing gave the client back."""
    fact = event.fact
    await _answer(tx, fact.handoff_id, state="returned", answered_at=event.occurred_at, reason=fact.reason)


async def _answer(
    tx: Transaction, handoff_id: UUID, *, state: str, answered_at: datetime, reason: str | None = None
) -> None:
    await tx.session.execute(
        update(UpsellOffer)
        .where(UpsellOffer.handoff_id == handoff_id, UpsellOffer.state == "offered")
        .values(state=state, answered_at=answered_at, return_reason=reason)
        .execution_options(synchronize_session=False)
    )
