"""What closing offers to telemarketing."""

from typing import Final

from conveyor.contracts.handoffs import HandoffOffered
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from telemarketing.nurture.take_back import take_back

OWN_STAGE: Final = "telemarketing"


def listen(listeners: Listeners) -> None:
    """Hear closing, the only stage that gives leads back."""
    listeners.on(HandoffOffered, on_offered, from_service="closing")


async def on_offered(tx: Transaction, event: Event[HandoffOffered]) -> None:
    """A lead comes back until a better day; what closing offers to account is none of its business."""
    if event.fact.to_stage == OWN_STAGE:
        await take_back(tx, event=event)
