"""Send a test to a subscription, also to one that is disabled: what comes back stands in its log."""

from uuid import UUID

from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from handoff_bus.dispatches.queries import DispatchView, view_of
from handoff_bus.dispatches.rules import PING, body_of
from handoff_bus.dispatches.tables import Dispatch, DispatchedFact
from handoff_bus.subscriptions.change_subscription import living_subscription


async def ping(database: Database, *, subscription_id: UUID) -> DispatchView:
    """The dispatch of a test, which is tried once. Raises NotFound, SubscriptionEnded."""
    async with database.transaction() as tx:
        await living_subscription(tx, subscription_id)
        event_id = new_id()
        body = body_of(type_=PING, occurred_at=tx.now, data=f'{{"subscription_id":"{subscription_id}"}}'.encode())
        tx.session.add(DispatchedFact(event_id=event_id, type=PING, lead_id=None, body=body, created_at=tx.now))
        await tx.session.flush()
        dispatch = Dispatch(
            dispatch_id=new_id(),
            subscription_id=subscription_id,
            event_id=event_id,
            type=PING,
            lead_id=None,
            state="pending",
            attempts=0,
            next_at=tx.now,
            created_at=tx.now,
            ended_at=None,
        )
        tx.session.add(dispatch)
        return await tx.commit(view_of(dispatch))
