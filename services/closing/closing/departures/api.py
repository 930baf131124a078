"""The preview of a departure. The one action is PATCH /employees/{id} at the bus."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from conveyor.bonuses.departures.preview import preview_bonuses
from conveyor.bonuses.departures.views import BonusChanges
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.plans.terms import Supposing
from conveyor.handoffs.departures import Moving, moving_of
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import AnswerModel
from conveyor.roster.departures import check_departure


class DeparturePreview(AnswerModel):
    """What would move from him, to `successor_id` or (null) by routing, and whose bonuses here would change."""

    employee_id: UUID
    left_on: date
    successor_id: UUID | None
    moving: Moving
    bonuses: BonusChanges


def departures_router(desk: Desk) -> APIRouter:
    """Routes under `/departures`, for those who may decide about deals."""
    router = APIRouter(prefix="/departures", tags=["departures"])

    @router.get("/preview")
    async def get_preview(
        _: Annotated[Principal, Depends(allow("head", "admin"))],
        employee_id: UUID,
        left_on: date,
        successor_id: UUID | None = None,
    ) -> DeparturePreview:
        """What would happen here if he left; nothing is changed by asking. Somebody of another stage moves nothing."""
        await check_departure(desk.database, employee_id=employee_id, left_on=left_on, successor_id=successor_id)
        async with desk.database.reading() as session:
            moving = await moving_of(session, employee_id=employee_id, left_on=left_on)
        supposing = Supposing(employee_id=employee_id, left_on=left_on, successor_id=successor_id)
        return DeparturePreview(
            employee_id=employee_id,
            left_on=left_on,
            successor_id=successor_id,
            moving=moving,
            bonuses=await preview_bonuses(desk, supposing),
        )

    return router
