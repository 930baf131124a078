"""Figures of handoffs over HTTP."""

from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query

from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.refusals import Invalid
from handoff_bus.bus import TheBus
from handoff_bus.figures.queries import HandoffFigures, handoff_figures

router = APIRouter(prefix="/handoff-figures", tags=["handoff-figures"])

_LONGEST: Final = timedelta(days=366)
_FIRST, _LAST = date(1900, 1, 2), date(2999, 12, 30)


@router.get("")
async def get_figures(
    bus: TheBus,
    _: Annotated[Principal, Depends(allow("head", "admin", "auditor"))],
    from_on: Annotated[date, Query(alias="from", description="The first day.")],
    until_on: Annotated[date, Query(alias="until", description="The day after the last.")],
) -> HandoffFigures:
    """How fast people accept, why they return and how often they are late, of handoffs offered on these days."""
    if not _FIRST <= from_on < until_on <= _LAST:
        raise Invalid.field(pointer="/until", message="must lie after from")
    if until_on - from_on > _LONGEST:
        raise Invalid.field(pointer="/until", message="more than a year after from")
    async with bus.database.reading() as session:
        return await handoff_figures(session, from_on=from_on, until_on=until_on)
