"""Replays of plan versions over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field

from conveyor.bonuses.access import Overseer
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.months import PeriodText
from conveyor.bonuses.plans.drafts import replay_of, replay_view, replays_of, version_of
from conveyor.bonuses.plans.replay_version import replay_version
from conveyor.bonuses.plans.values import PlanCode
from conveyor.bonuses.plans.version_views import ReplayView
from conveyor.kit.calendar import Month
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import AnswerModel, RequestModel

Planner = Annotated[Principal, Depends(allow("head", "admin"))]
VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]


class ReplayList(AnswerModel):
    """The replays of a version, oldest first."""

    items: list[ReplayView]
    next_cursor: str | None = None


class ReplayRequest(RequestModel):
    """Over which closed months: the last so many, or from one to another."""

    last_months: Annotated[int, Field(strict=True, ge=1, le=120)] | None = None
    first_period: PeriodText | None = None
    last_period: PeriodText | None = None


def router(desk: Desk) -> APIRouter:
    """`/bonus-plans/{code}/versions/{version}/replays`."""
    routes = APIRouter(prefix="/bonus-plans/{code}/versions", tags=["bonus_plans"])

    @routes.post("/{version}/replay", status_code=202)
    async def replay_plan_version(
        code: PlanCode, version: VersionNumber, body: ReplayRequest, principal: Planner
    ) -> ReplayView:
        """Play a draft over closed months; the answer is read from its replays."""
        return await replay_version(
            desk,
            code=code,
            version=version,
            first=None if body.first_period is None else Month.parse(body.first_period),
            last=None if body.last_period is None else Month.parse(body.last_period),
            last_months=body.last_months,
            requested_by=principal.subject,
        )

    @routes.get("/{version}/replays")
    async def list_plan_replays(code: PlanCode, version: VersionNumber, _principal: Overseer) -> ReplayList:
        """The replays of a version."""
        async with desk.database.reading() as session:
            await version_of(session, role=desk.role, code=code, version=version)
            found = await replays_of(session, code=code, version=version)
            return ReplayList(items=[replay_view(replay) for replay in found])

    @routes.get("/{version}/replays/{replay_id}")
    async def get_plan_replay(
        code: PlanCode, version: VersionNumber, replay_id: UUID, _principal: Overseer
    ) -> ReplayView:
        """How far a replay is, and what came out."""
        async with desk.database.reading() as session:
            await version_of(session, role=desk.role, code=code, version=version)
            return await replay_of(session, code=code, version=version, replay_id=replay_id)

    return routes
