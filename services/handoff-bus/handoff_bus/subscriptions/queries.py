"""Reading subscriptions; secrets are not read here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.dispatches.tables import Dispatch
from handoff_bus.subscriptions.rules import DisabledReason, SubscriptionState
from handoff_bus.subscriptions.tables import Subscription


class SubscriptionView(AnswerModel):
    """A subscription. While it is disabled its facts are held; `failing_since` is null while all goes well."""

    id: UUID
    url: str
    fact_types: list[str]
    description: str | None
    state: SubscriptionState
    disabled_reason: DisabledReason | None
    failing_since: datetime | None
    created_at: datetime


class SubscriptionWithSecret(SubscriptionView):
    """A subscription with its secret, which is never shown again."""

    secret: str


class SubscriptionWithBacklog(SubscriptionView):
    """A subscription with what is not delivered: on its way, held while it is disabled, given up."""

    pending: int
    held: int
    failed: int


def view_of(subscription: Subscription) -> SubscriptionView:
    """The answer for one subscription."""
    names = [name for name in SubscriptionView.model_fields if name != "id"]
    return SubscriptionView.model_validate(
        {"id": subscription.subscription_id, **{name: getattr(subscription, name) for name in names}}
    )


def view_with_secret(subscription: Subscription, secret: str) -> SubscriptionWithSecret:
    """The answer at creation and at rotation."""
    return SubscriptionWithSecret(**view_of(subscription).model_dump(), secret=secret)


async def find_subscription(session: AsyncSession, *, subscription_id: UUID) -> SubscriptionWithBacklog:
    """One subscription with its backlog. Raises NotFound."""
    subscription = await session.get(Subscription, subscription_id)
    if subscription is None:
        raise NotFound
    rows = await session.execute(
        select(Dispatch.state, func.count())
        .where(Dispatch.subscription_id == subscription_id, Dispatch.state.in_(("pending", "held", "failed")))
        .group_by(Dispatch.state)
    )
    counts = {state: int(count) for state, count in rows}
    return SubscriptionWithBacklog(
        **view_of(subscription).model_dump(),
        pending=counts.get("pending", 0),
        held=counts.get("held", 0),
        failed=counts.get("failed", 0),
    )


async def list_subscriptions(
    session: AsyncSession, *, state: SubscriptionState | None, page: PageRequest
) -> Page[SubscriptionView]:
    """Subscriptions, in one state if it is named; by id."""
    statement = select(Subscription)
    if state is not None:
        statement = statement.where(Subscription.state == state)
    found, cursor = await page_of(session, statement, key=[Subscription.subscription_id], page=page)
    return Page[SubscriptionView](items=[view_of(each) for each in found], next_cursor=cursor)
