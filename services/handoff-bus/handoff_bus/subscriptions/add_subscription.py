"""Begin to tell somebody outside what happens."""

from collections.abc import Sequence

from sqlalchemy import func, select

from conveyor.kit.database import Database, lock
from conveyor.kit.ids import new_id
from handoff_bus.sources.kinds.standard.verify import mint_secret
from handoff_bus.subscriptions.queries import SubscriptionWithSecret, view_with_secret
from handoff_bus.subscriptions.rules import SUBSCRIPTIONS_MAX, TooManySubscriptions, check_wishes
from handoff_bus.subscriptions.tables import Subscription, SubscriptionSecret


async def add_subscription(
    database: Database, *, url: str, fact_types: Sequence[str], description: str | None, private_allowed: bool
) -> SubscriptionWithSecret:
    """A new subscription with its minted secret: it is told what is heard from now on.

    Raises Invalid for an address or a fact that cannot be wished for, TooManySubscriptions.
    """
    check_wishes(url=url, fact_types=fact_types, private_allowed=private_allowed)
    secret = mint_secret()
    async with database.transaction() as tx:
        await lock(tx, "subscriptions")
        living = await tx.session.scalar(select(func.count()).where(Subscription.state != "ended"))
        if living is not None and living >= SUBSCRIPTIONS_MAX:
            raise TooManySubscriptions
        subscription = Subscription(
            subscription_id=new_id(),
            url=url,
            fact_types=sorted(set(fact_types)),
            description=description,
            state="enabled",
            disabled_reason=None,
            failing_since=None,
            rest_until=None,
            created_at=tx.now,
        )
        tx.session.add(subscription)
        await tx.session.flush()
        tx.session.add(
            SubscriptionSecret(
                secret_id=new_id(), subscription_id=subscription.subscription_id, secret=secret, valid_until=None
            )
        )
        return await tx.commit(view_with_secret(subscription, secret))
