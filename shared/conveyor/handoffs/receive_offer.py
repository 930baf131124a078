"""An offer arrived: put it into the inbox, route it, say so. The consumer commits."""

from sqlalchemy.dialects.postgresql import insert

from conveyor.contracts.handoffs import HandoffOffered, HandoffRouted
from conveyor.handoffs.routing import routing_of
from conveyor.handoffs.stage import ReceivingStage
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.database import Transaction, lock
from conveyor.kit.messaging.events import Event, release


async def receive_offer(tx: Transaction, event: Event[HandoffOffered], *, stage: ReceivingStage) -> None:
    """Record an offer to this stage once; whatever waits for `("handoff", id)` is handled again."""
    offer = event.fact
    if offer.to_stage != stage.stage:
        return
    await lock(tx, "routing", stage.stage)
    routing = await routing_of(tx.session, stage=stage, now=tx.now)
    routed_to = await routing.choose(near=offer.offered_by)
    received = await tx.session.scalar(
        insert(ReceivedHandoff)
        .values(
            handoff_id=offer.handoff_id,
            lead_id=offer.lead_id,
            from_stage=offer.from_stage,
            to_stage=offer.to_stage,
            offered_by=offer.offered_by,
            offered_at=event.occurred_at,
            payload=offer.model_dump(mode="json"),
            state="offered",
            routed_to=routed_to,
            routed_because="offered",
            deal_id=offer.deal_id,
            revision=1,
            recorded_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=[ReceivedHandoff.handoff_id])
        .returning(ReceivedHandoff.handoff_id)
    )
    if received is None:
        return
    tx.say(
        HandoffRouted(
            handoff_id=offer.handoff_id,
            lead_id=offer.lead_id,
            to_stage=stage.stage,
            employee_id=routed_to,
            reason="offered",
        ),
        occurred_at=event.occurred_at,
    )
    await release(tx, "handoff", offer.handoff_id)
