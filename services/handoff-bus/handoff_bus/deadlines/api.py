"""Deadlines over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from conveyor.contracts.values import Stage
from conveyor.kit.http.auth import ROLES, Principal, allow
from conveyor.kit.http.etags import IfMatch, etag_of
from conveyor.kit.http.models import RequestModel, WallClock
from handoff_bus.bus import TheBus
from handoff_bus.deadlines.queries import DeadlinesView, current_deadlines
from handoff_bus.deadlines.record_deadlines import record_deadlines
from handoff_bus.deadlines.rules import DeadlineTerms, DirectionTerms

router = APIRouter(prefix="/deadlines", tags=["deadlines"])

# A quarter of working minutes is longer than any answer should take.
Minutes = Annotated[int, Field(ge=1, le=40_000)]


class DirectionBody(RequestModel):
    """Working minutes of a direction."""

    from_stage: Stage
    to_stage: Stage
    answer_minutes: Minutes
    remind_minutes: Annotated[int, Field(ge=0, le=40_000)]
    again_minutes: Minutes


class DeadlinesBody(RequestModel):
    """The whole policy from `effective_from` on; a direction that is not named has no deadline."""

    effective_from: date
    day_starts: WallClock
    day_ends: WallClock
    directions: Annotated[list[DirectionBody], Field(max_length=4)]


@router.get("")
async def get_deadlines(
    bus: TheBus, _: Annotated[Principal, Depends(allow(*sorted(ROLES)))], response: Response
) -> DeadlinesView:
    """The policy recorded last, with the ETag that a PUT needs."""
    async with bus.database.reading() as session:
        view = await current_deadlines(session)
    response.headers["ETag"] = etag_of(view.revision)
    return view


@router.put("")
async def put_deadlines(
    body: DeadlinesBody,
    revision: IfMatch,
    bus: TheBus,
    _: Annotated[Principal, Depends(allow("admin", "head"))],
    response: Response,
) -> DeadlinesView:
    """Record another policy; a handoff keeps the one of the day on which its time began."""
    terms = DeadlineTerms(
        effective_from=body.effective_from,
        day_starts=body.day_starts,
        day_ends=body.day_ends,
        directions=tuple(DirectionTerms(**one.model_dump()) for one in body.directions),
    )
    view = await record_deadlines(bus.database, terms=terms, revision=revision)
    response.headers["ETag"] = etag_of(view.revision)
    return view
