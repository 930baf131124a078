"""Give a subscription another secret; the old one signs beside it for a while, so that the receiver can change over."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, update

from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from handoff_bus.sources.kinds.standard.verify import mint_secret
from handoff_bus.subscriptions.change_subscription import living_subscription
from handoff_bus.subscriptions.queries import SubscriptionWithSecret, view_with_secret
from handoff_bus.subscriptions.tables import SubscriptionSecret


async def rotate_secret(database: Database, *, subscription_id: UUID, overlap: timedelta) -> SubscriptionWithSecret:
    """The subscription with its new secret; the others end after `overlap`. Raises NotFound, SubscriptionEnded."""
    async with database.transaction() as tx:
        subscription = await living_subscription(tx, subscription_id)
        secret, until = mint_secret(), tx.now + overlap
        await tx.session.execute(
            update(SubscriptionSecret)
            .where(
                SubscriptionSecret.subscription_id == subscription_id,
                or_(SubscriptionSecret.valid_until.is_(None), SubscriptionSecret.valid_until > until),
            )
            .values(valid_until=until)
        )
        tx.session.add(
            SubscriptionSecret(secret_id=new_id(), subscription_id=subscription_id, secret=secret, valid_until=None)
        )
        return await tx.commit(view_with_secret(subscription, secret))
