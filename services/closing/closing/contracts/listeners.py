"""Account's answers to what closing offered. The consumer commits; an answer is the last word on its handoff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from closing.contracts.tables import AccountOffer
from conveyor.contracts.handoffs import HandoffAccepted, HandoffReturned
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners


def listen(listeners: Listeners) -> None:
    """A returned lead may be offered again."""
    listeners.on(HandoffAccepted, when_accepted, from_service="account")
    listeners.on(HandoffReturned, when_returned, from_service="account")


async def when_accepted(tx: Transaction, event: Event[HandoffAccepted]) -> None:
    """Account took the lead over."""
    await _answer(tx, event.fact.handoff_id, state="accepted", answered_at=event.occurred_at)


async def when_returned(tx: Transaction, event: Event[HandoffReturned]) -> None:
    """Account gave the lead back."""
    fact = event.fact
    await _answer(tx, fact.handoff_id, state="returned", answered_at=event.occurred_at, return_reason=fact.reason)


async def _answer(
    tx: Transaction, handoff_id: UUID, *, state: str, answered_at: datetime, return_reason: str | None = None
) -> None:
    await tx.session.execute(
        update(AccountOffer)
        .where(AccountOffer.handoff_id == handoff_id, AccountOffer.state == "offered")
        .values(state=state, answered_at=answered_at, return_reason=return_reason)
        .execution_options(synchronize_session=False)
    )
