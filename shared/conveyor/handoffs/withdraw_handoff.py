"""A meeting was cancelled: its handoff falls away unless somebody answered it already. The consumer commits."""

from conveyor.contracts.handoffs import HandoffWithdrawn
from conveyor.contracts.telemarketing import MeetingCancelled
from conveyor.handoffs.queries import offer_of, received_for_update
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, WaitsFor


async def withdraw_handoff(tx: Transaction, event: Event[MeetingCancelled]) -> None:
    """Withdraw the meeting's handoff if it is still offered. A cancellation that overtook its offer waits for it."""
    handoff = await received_for_update(tx.session, event.fact.handoff_id)
    if handoff is None:
        thing = "handoff"
        raise WaitsFor(thing, event.fact.handoff_id)
    if handoff.state != "offered":
        return
    offer = offer_of(handoff)
    handoff.state = "withdrawn"
    handoff.answered_at = event.occurred_at
    handoff.revision += 1
    tx.say(
        HandoffWithdrawn(
            handoff_id=handoff.handoff_id,
            lead_id=handoff.lead_id,
            from_stage=offer.from_stage,
            to_stage=offer.to_stage,
            reason="meeting_cancelled",
        ),
        occurred_at=event.occurred_at,
    )
