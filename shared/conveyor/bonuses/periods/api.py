"""Months over HTTP: their states, reviewing one and closing it."""

from typing import Annotated

from fastapi import APIRouter, Depends

from conveyor.bonuses.access import Reader
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.months import PeriodText
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.periods.open_review import open_review
from conveyor.bonuses.periods.queries import list_periods
from conveyor.bonuses.periods.views import PeriodView
from conveyor.kit.calendar import Month
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import AnswerModel


class PeriodList(AnswerModel):
    """Closed months, and open ones that have something in them, oldest first."""

    items: list[PeriodView]
    next_cursor: str | None = None


def router(desk: Desk) -> APIRouter:
    """`/bonus-periods`."""
    routes = APIRouter(prefix="/bonus-periods", tags=["bonus_periods"])

    @routes.get("")
    async def list_bonus_periods(principal: Reader) -> PeriodList:
        """The months of this role. An employee sees their states, not the department's totals."""
        async with desk.database.reading() as session:
            periods = await list_periods(session)
        if principal.role in {"sdr", "ae", "am"}:
            periods = [period.model_copy(update={"totals": []}) for period in periods]
        return PeriodList(items=periods)

    @routes.post("/{period}/review")
    async def review_bonus_period(
        period: PeriodText, principal: Annotated[Principal, Depends(allow("head"))]
    ) -> PeriodView:
        """Put an ended month up for review: its people see their statements as drafts and may sign them."""
        return await open_review(desk, month=Month.parse(period), actor=principal.subject)

    @routes.post("/{period}/close")
    async def close_bonus_period(
        period: PeriodText, principal: Annotated[Principal, Depends(allow("head"))]
    ) -> PeriodView:
        """Close an ended month for good: posts what is paid at closing and freezes the statements."""
        return await close_period(desk, month=Month.parse(period), actor=principal.subject)

    return routes
