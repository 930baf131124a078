"""Reading replays, and the deliveries that one is about."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.deliveries.replays.rules import UNASKED, ReplayRequest
from handoff_bus.deliveries.replays.tables import DeliveryReplay
from handoff_bus.deliveries.search import matching
from handoff_bus.deliveries.tables import Delivery
from handoff_bus.sources.tables import Source


class ReplayView(AnswerModel):
    """A replay and how far it is: `read` of `total` were looked at.

    `outcomes` counts those by the state that each has then; `received` is tried again by itself. At the end `read` is
    less than `total` where deliveries had moved on by themselves.
    """

    id: UUID
    asked_by: str
    asked_at: datetime
    asked: dict[str, Any]
    state: Literal["running", "done"]
    total: int
    read: int
    outcomes: dict[str, int]
    finished_at: datetime | None


def meant_by(request: ReplayRequest) -> ColumnElement[bool]:
    """The condition on deliveries joined with their sources. Raises Invalid for a stretch of time that is none."""
    if request.delivery_ids is not None:
        return Delivery.delivery_id.in_(request.delivery_ids)
    condition = matching(request.search())
    return condition if request.state is not None else and_(condition, Delivery.state.in_(UNASKED))


async def how_many(session: AsyncSession, request: ReplayRequest) -> int:
    """How many deliveries the request means now."""
    statement = select(func.count()).select_from(Delivery).join(Source, Source.source_id == Delivery.source_id)
    return await session.scalar(statement.where(meant_by(request))) or 0


async def find_replay(session: AsyncSession, *, replay_id: UUID) -> ReplayView:
    """One replay. Raises NotFound."""
    replay = await session.get(DeliveryReplay, replay_id)
    if replay is None:
        raise NotFound
    return view_of(replay)


async def list_replays(session: AsyncSession, *, page: PageRequest) -> Page[ReplayView]:
    """Replays in the order in which they were asked for."""
    replays, cursor = await page_of(session, select(DeliveryReplay), key=[DeliveryReplay.replay_id], page=page)
    return Page[ReplayView](items=[view_of(replay) for replay in replays], next_cursor=cursor)


def view_of(replay: DeliveryReplay) -> ReplayView:
    """The answer for one replay."""
    return ReplayView(
        id=replay.replay_id,
        asked_by=replay.asked_by,
        asked_at=replay.asked_at,
        asked=replay.asked,
        state="running" if replay.finished_at is None else "done",
        total=replay.total,
        read=sum((replay.outcomes or {}).values()),
        outcomes=replay.outcomes or {},
        finished_at=replay.finished_at,
    )
