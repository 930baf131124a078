"""The log of dispatches over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from conveyor.kit.access.shows import shows_people
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.pagination import Page, PageQuery
from handoff_bus.bus import TheBus
from handoff_bus.dispatches import queries
from handoff_bus.dispatches.queries import DispatchDetail, DispatchView
from handoff_bus.dispatches.replay_dispatches import replay_dispatch
from handoff_bus.dispatches.rules import DispatchState

router = APIRouter(prefix="/dispatches", tags=["subscriptions"])

Admin = Annotated[Principal, Depends(allow("admin"))]
Reader = Annotated[Principal, Depends(allow("admin", "auditor"))]


@router.get("")
async def list_dispatches(
    *,
    bus: TheBus,
    _: Reader,
    page: PageQuery,
    subscription_id: UUID | None = None,
    state: DispatchState | None = None,
    type_: Annotated[str | None, Query(alias="type")] = None,
    lead_id: UUID | None = None,
) -> Page[DispatchView]:
    """What was told to whom, in the order in which it was written; kept for thirty days."""
    async with bus.database.reading() as session:
        return await queries.list_dispatches(
            session, subscription_id=subscription_id, state=state, type_=type_, lead_id=lead_id, page=page
        )


@router.get("/{dispatch_id}", dependencies=[shows_people("dispatch")])
async def get_dispatch(dispatch_id: UUID, bus: TheBus, _: Reader) -> DispatchDetail:
    """One dispatch with its body and every attempt."""
    async with bus.database.reading() as session:
        return await queries.find_dispatch(session, dispatch_id=dispatch_id)


@router.post("/{dispatch_id}/replay")
async def create_replay(dispatch_id: UUID, bus: TheBus, _: Admin) -> DispatchView:
    """Send it again, whatever became of it; held while its subscription is disabled.

    409 `subscription-ended`, or `dispatch-erased`.
    """
    return await replay_dispatch(bus.database, dispatch_id=dispatch_id)
