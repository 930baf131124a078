"""Disable a subscription, enable it again, or end it. What it should have been told meanwhile is held, not lost."""

from uuid import UUID

from sqlalchemy import delete, update

from conveyor.kit.database import Database, Transaction
from handoff_bus.dispatches.tables import Dispatch
from handoff_bus.subscriptions.change_subscription import living_subscription
from handoff_bus.subscriptions.queries import SubscriptionView, view_of
from handoff_bus.subscriptions.rules import DisabledReason
from handoff_bus.subscriptions.tables import Subscription, SubscriptionSecret


async def enable_subscription(database: Database, *, subscription_id: UUID) -> SubscriptionView:
    """Send again, beginning with what is held. Raises NotFound, SubscriptionEnded."""
    async with database.transaction() as tx:
        subscription = await living_subscription(tx, subscription_id)
        if subscription.state == "disabled":
            subscription.state, subscription.disabled_reason = "enabled", None
            subscription.failing_since = subscription.rest_until = None
            await tx.session.execute(
                update(Dispatch)
                .where(Dispatch.subscription_id == subscription_id, Dispatch.state == "held")
                .values(state="pending", attempts=0, next_at=tx.now)
            )
        return await tx.commit(view_of(subscription))


async def disable_subscription(database: Database, *, subscription_id: UUID) -> SubscriptionView:
    """Send nothing until it is enabled. Raises NotFound, SubscriptionEnded."""
    async with database.transaction() as tx:
        subscription = await living_subscription(tx, subscription_id)
        if subscription.state == "enabled":
            await disable(tx, subscription, reason="by_hand")
        return await tx.commit(view_of(subscription))


async def end_subscription(database: Database, *, subscription_id: UUID) -> SubscriptionView:
    """Never send anything again; its secrets are forgotten, its log stays. Raises NotFound, SubscriptionEnded."""
    async with database.transaction() as tx:
        subscription = await living_subscription(tx, subscription_id)
        subscription.state, subscription.disabled_reason = "ended", None
        await tx.session.execute(
            update(Dispatch)
            .where(Dispatch.subscription_id == subscription_id, Dispatch.state.in_(("pending", "held")))
            .values(state="cancelled", next_at=None, ended_at=tx.now)
        )
        await tx.session.execute(
            delete(SubscriptionSecret).where(SubscriptionSecret.subscription_id == subscription_id)
        )
        return await tx.commit(view_of(subscription))


async def disable(tx: Transaction, subscription: Subscription, *, reason: DisabledReason) -> None:
    """Disable a locked, enabled subscription in the caller's transaction."""
    subscription.state, subscription.disabled_reason = "disabled", reason
    await tx.session.execute(
        update(Dispatch)
        .where(Dispatch.subscription_id == subscription.subscription_id, Dispatch.state == "pending")
        .values(state="held", next_at=None)
    )
