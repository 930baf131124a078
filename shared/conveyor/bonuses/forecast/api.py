"""A forecast over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from conveyor.bonuses.access import Reader, one_employee
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.explanations.numbers import Language
from conveyor.bonuses.forecast.queries import forecast_of
from conveyor.bonuses.forecast.views import ForecastView


def router(desk: Desk) -> APIRouter:
    """`/bonuses/forecast`."""
    routes = APIRouter(tags=["bonuses"])

    @routes.get("/bonuses/forecast")
    async def get_forecast(principal: Reader, employee_id: UUID | None = None, lang: Language = "en") -> ForecastView:
        """What an employee may still earn and what would release it or take it away; his own unless named."""
        return await forecast_of(desk, employee_id=one_employee(principal, employee_id), lang=lang)

    return routes
