"""The self-check over HTTP."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.pagination import Page, PageQuery
from conveyor.kit.refusals import Invalid
from handoff_bus.bus import TheBus
from handoff_bus.self_check import queries
from handoff_bus.self_check.queries import GapOfReader, SelfCheckView

router = APIRouter(prefix="/self-check", tags=["self-check"])

Reader = Annotated[Principal, Depends(allow("admin", "auditor"))]

DAYS_MAX = timedelta(days=92)


@router.get("")
async def get_self_check(
    bus: TheBus,
    _: Reader,
    from_on: Annotated[date, Query(alias="from", description="The first day (UTC).")],
    until_on: Annotated[date, Query(alias="until", description="The day after the last.")],
) -> SelfCheckView:
    """By service and day: how many facts it said, and how many of them each reader awaited and misses."""
    if not from_on < until_on or until_on - from_on > DAYS_MAX:
        raise Invalid.field(pointer="/until", message="must lie after from, by a quarter at most")
    async with bus.database.reading() as session:
        return await queries.read_self_check(session, from_on=from_on, until_on=until_on)


@router.get("/gaps")
async def list_gaps(
    *,
    bus: TheBus,
    _: Reader,
    page: PageQuery,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
) -> Page[GapOfReader]:
    """Facts that somebody said and a reader never got, with their ids; `open=true` those that nobody accepted."""
    async with bus.database.reading() as session:
        return await queries.list_gaps(session, is_open=is_open, page=page)
