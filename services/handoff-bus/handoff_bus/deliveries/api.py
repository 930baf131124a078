"""Deliveries over HTTP, for those who look after them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from conveyor.contracts.values import Text
from conveyor.kit.access.shows import shows_people
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import BusinessInstant, RequestModel
from conveyor.kit.http.pagination import Page, PageQuery
from handoff_bus.bus import TheBus
from handoff_bus.deliveries import queries
from handoff_bus.deliveries.correct_delivery import match_delivery, reject_delivery, replay_delivery
from handoff_bus.deliveries.queries import DeliveryDetail, DeliveryView
from handoff_bus.deliveries.search import DeliverySearch, DeliveryState

router = APIRouter(prefix="/deliveries", tags=["deliveries"])

Reader = Annotated[Principal, Depends(allow("admin", "head", "auditor", "integration"))]
Corrector = Annotated[Principal, Depends(allow("admin", "head", "integration"))]


async def _search(  # noqa: PLR0913 - one parameter for each field of the query
    *,
    state: DeliveryState | None = None,
    source: str | None = None,
    type_: Annotated[str | None, Query(alias="type")] = None,
    reason: str | None = None,
    lead_id: UUID | None = None,
    employee_id: UUID | None = None,
    received_from: BusinessInstant | None = None,
    received_until: Annotated[BusinessInstant | None, Query(description="The first moment after.")] = None,
    reference: Annotated[str | None, Query(max_length=600, description="`system:value`: `contract:C-17`.")] = None,
    outside_id: Annotated[str | None, Query(max_length=100, description="Of a call, payment, refund, reply.")] = None,
    text: Annotated[
        str | None, Query(min_length=3, max_length=100, description="Stands in the body; needs 31 days at most.")
    ] = None,
) -> DeliverySearch:
    return DeliverySearch(
        state=state,
        source=source,
        type=type_,
        reason=reason,
        lead_id=lead_id,
        employee_id=employee_id,
        received_from=received_from,
        received_until=received_until,
        reference=reference,
        outside_id=outside_id,
        text=text,
    )


Search = Annotated[DeliverySearch, Depends(_search)]


class Match(RequestModel):
    """The lead that a parked delivery is about."""

    lead_id: UUID


class Rejection(RequestModel):
    """Why a parked or quarantined delivery is none of ours."""

    reason: Text


@router.get("", dependencies=[shows_people("delivery")])
async def list_deliveries(bus: TheBus, _: Reader, page: PageQuery, search: Search) -> Page[DeliveryView]:
    """Deliveries in the order of their arrival; `state=parked` is what waits for something unknown."""
    async with bus.database.reading() as session:
        return await queries.list_deliveries(session, search=search, page=page)


@router.get("/{delivery_id}", dependencies=[shows_people("delivery")])
async def get_delivery(delivery_id: UUID, bus: TheBus, _: Reader) -> DeliveryDetail:
    """One delivery with its bytes, what it waits for, and the facts it became."""
    async with bus.database.reading() as session:
        return await queries.find_delivery(session, delivery_id=delivery_id)


@router.post("/{delivery_id}/match")
async def create_match(delivery_id: UUID, match: Match, bus: TheBus, _: Corrector) -> DeliveryDetail:
    """Say which lead a parked delivery is about; the name in it is not learned for others.

    409 `delivery-not-parked`, or `no-lead-to-match` for a refund, which follows its payment.
    """
    return await match_delivery(bus.database, delivery_id=delivery_id, lead_id=match.lead_id)


@router.post("/{delivery_id}/replay")
async def create_replay(delivery_id: UUID, bus: TheBus, _: Corrector) -> DeliveryDetail:
    """Read the delivery again with what is known now; nothing happens to one that became facts.

    409 `delivery-body-removed` after an erasure, or when it was kept long enough.
    """
    return await replay_delivery(bus.database, delivery_id=delivery_id)


@router.post("/{delivery_id}/rejection")
async def create_rejection(delivery_id: UUID, rejection: Rejection, bus: TheBus, _: Corrector) -> DeliveryDetail:
    """Put a parked or quarantined delivery aside: it is none of ours. 409 `delivery-not-parked`."""
    return await reject_delivery(bus.database, delivery_id=delivery_id, reason=rejection.reason)
