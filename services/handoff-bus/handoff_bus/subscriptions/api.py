"""Subscriptions over HTTP."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from conveyor.contracts.values import Text
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import AnswerModel, BusinessInstant, RequestModel
from conveyor.kit.http.pagination import Page, PageQuery
from conveyor.kit.refusals import Invalid
from handoff_bus.bus import TheBus
from handoff_bus.dispatches.queries import DispatchView
from handoff_bus.dispatches.replay_dispatches import replay_range
from handoff_bus.subscriptions import queries
from handoff_bus.subscriptions.add_subscription import add_subscription
from handoff_bus.subscriptions.change_subscription import SubscriptionChange, change_subscription
from handoff_bus.subscriptions.ping import ping
from handoff_bus.subscriptions.queries import SubscriptionView, SubscriptionWithBacklog, SubscriptionWithSecret
from handoff_bus.subscriptions.rotate_secret import rotate_secret
from handoff_bus.subscriptions.rules import SubscriptionState
from handoff_bus.subscriptions.switch_subscription import (
    disable_subscription,
    enable_subscription,
    end_subscription,
)

router = APIRouter(prefix="/subscriptions", tags=["subscriptions"])

Admin = Annotated[Principal, Depends(allow("admin"))]
Reader = Annotated[Principal, Depends(allow("admin", "auditor"))]
FactTypes = Annotated[list[Text], Field(min_length=1, max_length=100)]
OVERLAP_HOURS_MAX = 24 * 30


class NewSubscription(RequestModel):
    """Where to send which facts, such as `payment_received.v1`. The address is https on port 443."""

    url: Text
    fact_types: FactTypes
    description: Text | None = None


class SubscriptionCorrection(RequestModel):
    """Fields that are not named stay; what waits goes to the new address too."""

    url: Text | None = None
    fact_types: FactTypes | None = None
    description: Text | None = None


class Rotation(RequestModel):
    """The old secrets sign beside the new one for `overlap_hours`."""

    overlap_hours: Annotated[int, Field(ge=0, le=OVERLAP_HOURS_MAX)] = 24


class RangeToReplay(RequestModel):
    """What was written from `from` until before `until` and is in one of these states."""

    from_at: Annotated[BusinessInstant, Field(alias="from")]
    until_at: Annotated[BusinessInstant, Field(alias="until")]
    states: Annotated[tuple[Literal["delivered", "failed"], ...], Field(min_length=1)] = ("failed",)


class Replayed(AnswerModel):
    """How many dispatches are sent again."""

    dispatches: int


@router.post("", status_code=201)
async def create_subscription(new: NewSubscription, bus: TheBus, _: Admin) -> SubscriptionWithSecret:
    """Tell somebody outside what happens from now on; the answer shows the `secret`, once.

    Each fact is a POST signed by Standard Webhooks, its `webhook-id` the same at every attempt. Anything but 2xx is
    tried again for three days; 410, or five days without success, disable it. 409 `too-many-subscriptions`.
    """
    return await add_subscription(
        bus.database,
        url=new.url,
        fact_types=new.fact_types,
        description=new.description,
        private_allowed=bus.private_addresses_allowed,
    )


@router.get("")
async def list_subscriptions(
    bus: TheBus, _: Reader, page: PageQuery, state: SubscriptionState | None = None
) -> Page[SubscriptionView]:
    """Subscriptions without their secrets."""
    async with bus.database.reading() as session:
        return await queries.list_subscriptions(session, state=state, page=page)


@router.get("/{subscription_id}")
async def get_subscription(subscription_id: UUID, bus: TheBus, _: Reader) -> SubscriptionWithBacklog:
    """One subscription with what is not delivered yet."""
    async with bus.database.reading() as session:
        return await queries.find_subscription(session, subscription_id=subscription_id)


@router.patch("/{subscription_id}")
async def patch_subscription(
    subscription_id: UUID, correction: SubscriptionCorrection, bus: TheBus, _: Admin
) -> SubscriptionView:
    """Another address or other facts, from now on. 409 `subscription-ended`."""
    change: SubscriptionChange = {}
    for field in correction.model_fields_set:
        value = getattr(correction, field)
        if value is None and field != "description":
            raise Invalid.field(pointer=f"/{field}", message="must not be null")
        change[field] = value  # type: ignore[literal-required] # both models have the same fields
    return await change_subscription(
        bus.database,
        subscription_id=subscription_id,
        change=change,
        private_allowed=bus.private_addresses_allowed,
    )


@router.delete("/{subscription_id}")
async def delete_subscription(subscription_id: UUID, bus: TheBus, _: Admin) -> SubscriptionView:
    """End it for good: what waits is cancelled, its log stays for thirty days. 409 `subscription-ended`."""
    return await end_subscription(bus.database, subscription_id=subscription_id)


@router.post("/{subscription_id}/disabling")
async def create_disabling(subscription_id: UUID, bus: TheBus, _: Admin) -> SubscriptionView:
    """Send nothing until it is enabled; its facts are held for thirty days. 409 `subscription-ended`."""
    return await disable_subscription(bus.database, subscription_id=subscription_id)


@router.post("/{subscription_id}/enabling")
async def create_enabling(subscription_id: UUID, bus: TheBus, _: Admin) -> SubscriptionView:
    """Send again, beginning with what was held. 409 `subscription-ended`."""
    return await enable_subscription(bus.database, subscription_id=subscription_id)


@router.post("/{subscription_id}/secret", status_code=201)
async def create_secret(subscription_id: UUID, rotation: Rotation, bus: TheBus, _: Admin) -> SubscriptionWithSecret:
    """Rotate the secret; the answer shows the new one, once. 409 `subscription-ended`."""
    return await rotate_secret(
        bus.database, subscription_id=subscription_id, overlap=timedelta(hours=rotation.overlap_hours)
    )


@router.post("/{subscription_id}/ping", status_code=201)
async def create_ping(subscription_id: UUID, bus: TheBus, _: Admin) -> DispatchView:
    """Send a test, once, also while it is disabled; `GET /dispatches/{id}` shows what came back."""
    return await ping(bus.database, subscription_id=subscription_id)


@router.post("/{subscription_id}/replay")
async def create_range_replay(subscription_id: UUID, wanted: RangeToReplay, bus: TheBus, _: Admin) -> Replayed:
    """Send a stretch of the log again. 409 `subscription-ended`."""
    if wanted.from_at >= wanted.until_at:
        raise Invalid.field(pointer="/until", message="must lie after from")
    count = await replay_range(
        bus.database,
        subscription_id=subscription_id,
        from_at=wanted.from_at,
        until_at=wanted.until_at,
        states=wanted.states,
    )
    return Replayed(dispatches=count)
