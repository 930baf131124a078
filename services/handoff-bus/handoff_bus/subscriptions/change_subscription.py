"""Send elsewhere, or other facts; from now on, also what waits."""

from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from sqlalchemy import select

from conveyor.kit.database import Database, Transaction
from conveyor.kit.refusals import NotFound
from handoff_bus.subscriptions.queries import SubscriptionView, view_of
from handoff_bus.subscriptions.rules import SubscriptionEnded, check_wishes
from handoff_bus.subscriptions.tables import Subscription


class SubscriptionChange(TypedDict, total=False):
    """What changes; a field that is not there stays."""

    url: str
    fact_types: Sequence[str]
    description: str | None


async def change_subscription(
    database: Database, *, subscription_id: UUID, change: SubscriptionChange, private_allowed: bool
) -> SubscriptionView:
    """The subscription as it is from now on. Raises NotFound, SubscriptionEnded, Invalid."""
    url, fact_types = change.get("url"), change.get("fact_types")
    check_wishes(url=url, fact_types=fact_types, private_allowed=private_allowed)
    async with database.transaction() as tx:
        subscription = await living_subscription(tx, subscription_id)
        if url is not None:
            subscription.url, subscription.rest_until = url, None
        if fact_types is not None:
            subscription.fact_types = sorted(set(fact_types))
        if "description" in change:
            subscription.description = change["description"]
        return await tx.commit(view_of(subscription))


async def living_subscription(tx: Transaction, subscription_id: UUID) -> Subscription:
    """One that did not end, locked. Raises NotFound, SubscriptionEnded."""
    subscription = await tx.session.scalar(
        select(Subscription).where(Subscription.subscription_id == subscription_id).with_for_update()
    )
    if subscription is None:
        raise NotFound
    if subscription.state == "ended":
        raise SubscriptionEnded
    return subscription
