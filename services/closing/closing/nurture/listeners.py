"""Telemarketing's answers to what closing offered back. The consumer commits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from closing.nurture.tables import NurtureOffer
from conveyor.contracts.handoffs import HandoffAccepted, HandoffReturned
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners


def listen(listeners: Listeners) -> None:
    """An answer is the last word on its handoff."""
    listeners.on(HandoffAccepted, when_accepted, from_service="telemarketing")
    listeners.on(HandoffReturned, when_returned, from_service="telemarketing")


async def when_accepted(tx: Transaction, event: Event[HandoffAccepted]) -> None:
    """The lead is in telemarketing's queue."""
    await _answer(tx, event.fact.handoff_id, state="accepted", answered_at=event.occurred_at)


async def when_returned(tx: Transaction, event: Event[HandoffReturned]) -> None:
    """Telemarketing does not want it."""
    await _answer(tx, event.fact.handoff_id, state="returned", answered_at=event.occurred_at)


async def _answer(tx: Transaction, handoff_id: UUID, *, state: str, answered_at: datetime) -> None:
    await tx.session.execute(
        update(NurtureOffer)
        .where(NurtureOffer.handoff_id == handoff_id, NurtureOffer.state == "offered")
        .values(state=state, answered_at=answered_at)
        .execution_options(synchronize_session=False)
    )
