"""What the receiving stage says of telemarketing's handoffs. Handoffs between other stages are none of its business."""

from typing import Final

from conveyor.contracts.handoffs import HandoffAccepted, HandoffReturned, HandoffRouted, HandoffWithdrawn
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from telemarketing.handoffs.keep_answer import keep_answer

RECEIVER: Final = "closing"
OWN_STAGE: Final = "telemarketing"


def listen(listeners: Listeners) -> None:
    """Hear the receiving stage only: nobody else may answer for it."""
    listeners.on(HandoffRouted, on_routed, from_service=RECEIVER)
    listeners.on(HandoffAccepted, on_accepted, from_service=RECEIVER)
    listeners.on(HandoffReturned, on_returned, from_service=RECEIVER)
    listeners.on(HandoffWithdrawn, on_withdrawn, from_service=RECEIVER)


async def on_routed(tx: Transaction, event: Event[HandoffRouted]) -> None:
    """Somebody, or nobody, should answer the handoff."""
    if event.fact.to_stage == RECEIVER:
        await keep_answer(tx, event=event, kind="routed")


async def on_accepted(tx: Transaction, event: Event[HandoffAccepted]) -> None:
    """The lead is at closing."""
    if event.fact.from_stage == OWN_STAGE:
        await keep_answer(tx, event=event, kind="accepted")


async def on_returned(tx: Transaction, event: Event[HandoffReturned]) -> None:
    """The lead is back."""
    if event.fact.from_stage == OWN_STAGE:
        await keep_answer(tx, event=event, kind="returned")


async def on_withdrawn(tx: Transaction, event: Event[HandoffWithdrawn]) -> None:
    """The handoff fell away with its meeting; the lead is back."""
    if event.fact.from_stage == OWN_STAGE:
        await keep_answer(tx, event=event, kind="withdrawn")
