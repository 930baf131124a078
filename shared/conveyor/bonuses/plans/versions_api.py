"""Versions of plans over HTTP: drafts, their lint, their publication."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field

from conveyor.bonuses.access import Overseer
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.plans.documents import PlanTerms
from conveyor.bonuses.plans.draft_version import draft_version
from conveyor.bonuses.plans.drafts import version_of, versions_of
from conveyor.bonuses.plans.publish_version import publish_version
from conveyor.bonuses.plans.values import PlanCode
from conveyor.bonuses.plans.version_views import LintView, VersionView
from conveyor.contracts.values import Code
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import AnswerModel, RequestModel

Planner = Annotated[Principal, Depends(allow("head", "admin"))]
VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]


class VersionList(AnswerModel):
    """All versions of a plan, oldest first."""

    items: list[VersionView]
    next_cursor: str | None = None


class PublicationRequest(RequestModel):
    """The codes of the lint's warnings that the approver has taken note of."""

    acknowledged_warnings: Annotated[tuple[Code, ...], Field(max_length=50)] = ()


def router(desk: Desk) -> APIRouter:
    """`/bonus-plans/{code}/versions`."""
    routes = APIRouter(prefix="/bonus-plans/{code}/versions", tags=["bonus_plans"])

    @routes.post("", status_code=201)
    async def draft_plan_version(code: PlanCode, body: PlanTerms, principal: Planner) -> VersionView:
        """Write the next version of a plan, or the first of a new one. It pays nobody until it is published."""
        return await draft_version(desk, code=code, terms=body, author=principal.subject)

    @routes.get("")
    async def list_plan_versions(code: PlanCode, _principal: Overseer) -> VersionList:
        """Published versions and drafts."""
        async with desk.database.reading() as session:
            return VersionList(items=await versions_of(session, role=desk.role, code=code))

    @routes.get("/{version}")
    async def get_plan_version(code: PlanCode, version: VersionNumber, _principal: Overseer) -> VersionView:
        """One version with its lint."""
        async with desk.database.reading() as session:
            return await version_of(session, role=desk.role, code=code, version=version)

    @routes.get("/{version}/lint")
    async def lint_plan_version(code: PlanCode, version: VersionNumber, _principal: Overseer) -> LintView:
        """What is suspicious in a version."""
        async with desk.database.reading() as session:
            return (await version_of(session, role=desk.role, code=code, version=version)).lint

    @routes.post("/{version}/publication")
    async def publish_plan_version(
        code: PlanCode, version: VersionNumber, body: PublicationRequest, principal: Planner
    ) -> VersionView:
        """Approve a version that another person wrote, and put it in force."""
        return await publish_version(
            desk, code=code, version=version, acknowledged=body.acknowledged_warnings, approver=principal
        )

    return routes
