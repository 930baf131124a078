"""Send again what was delivered, given up or cancelled: one dispatch, or all of a stretch of time.

The subscriber sees the same `webhook-id` and can tell what he has.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from conveyor.kit.database import Database
from conveyor.kit.refusals import NotFound, Refusal
from handoff_bus.dispatches.queries import DispatchView, view_of
from handoff_bus.dispatches.rules import PING, DispatchState
from handoff_bus.dispatches.tables import ERASED, Dispatch, DispatchedFact
from handoff_bus.subscriptions.change_subscription import living_subscription
from handoff_bus.subscriptions.tables import Subscription


class DispatchErased(Refusal):
    """The personal data of this fact was erased; it cannot be told again."""


async def replay_dispatch(database: Database, *, dispatch_id: UUID) -> DispatchView:
    """Send one again, with all its attempts ahead of it; one on its way is tried now.

    While its subscription is disabled it is held. Raises NotFound, SubscriptionEnded, DispatchErased.
    """
    async with database.transaction() as tx:
        owner = await tx.session.scalar(select(Dispatch.subscription_id).where(Dispatch.dispatch_id == dispatch_id))
        if owner is None:
            raise NotFound
        subscription = await living_subscription(tx, owner)
        dispatch = await tx.session.get_one(Dispatch, dispatch_id, with_for_update=True)
        if (await tx.session.get_one(DispatchedFact, dispatch.event_id)).body == ERASED:
            raise DispatchErased
        state, next_at = _again(subscription, tx.now)
        dispatch.state, dispatch.next_at, dispatch.attempts, dispatch.ended_at = state, next_at, 0, None
        return await tx.commit(view_of(dispatch))


async def replay_range(
    database: Database, *, subscription_id: UUID, from_at: datetime, until_at: datetime, states: Collection[str]
) -> int:
    """Send again all of a subscription that were written in [from_at, until_at) and are in one of these states.

    Gives how many there are. Raises NotFound, SubscriptionEnded.
    """
    async with database.transaction() as tx:
        subscription = await living_subscription(tx, subscription_id)
        state, next_at = _again(subscription, tx.now)
        replayed = await tx.session.scalars(
            update(Dispatch)
            .where(
                Dispatch.subscription_id == subscription_id,
                Dispatch.created_at >= from_at,
                Dispatch.created_at < until_at,
                Dispatch.state.in_(states),
                Dispatch.type != PING,
                Dispatch.event_id.in_(select(DispatchedFact.event_id).where(DispatchedFact.body != ERASED)),
            )
            .values(state=state, next_at=next_at, attempts=0, ended_at=None)
            .returning(Dispatch.dispatch_id)
        )
        return await tx.commit(len(replayed.all()))


def _again(subscription: Subscription, now: datetime) -> tuple[DispatchState, datetime | None]:
    return ("pending", now) if subscription.state == "enabled" else ("held", None)
