"""Replays over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.pagination import Page, PageQuery
from handoff_bus.bus import TheBus
from handoff_bus.deliveries.replays import queries
from handoff_bus.deliveries.replays.ask_replay import ask_replay
from handoff_bus.deliveries.replays.queries import ReplayView
from handoff_bus.deliveries.replays.rules import ReplayRequest

router = APIRouter(prefix="/delivery-replays", tags=["delivery-replays"])

Reader = Annotated[Principal, Depends(allow("admin", "head", "auditor", "integration"))]
Corrector = Annotated[Principal, Depends(allow("admin", "head", "integration"))]


@router.post("", status_code=201)
async def create_replay(request: ReplayRequest, bus: TheBus, _: Corrector) -> ReplayView:
    """Read many deliveries again, in the background; asking twice says nothing twice."""
    return await ask_replay(bus.database, request=request)


@router.get("")
async def list_replays(bus: TheBus, _: Reader, page: PageQuery) -> Page[ReplayView]:
    """Replays in the order in which they were asked for."""
    async with bus.database.reading() as session:
        return await queries.list_replays(session, page=page)


@router.get("/{replay_id}")
async def get_replay(replay_id: UUID, bus: TheBus, _: Reader) -> ReplayView:
    """How far a replay is."""
    async with bus.database.reading() as session:
        return await queries.find_replay(session, replay_id=replay_id)
