"""Plans and assignments over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from conveyor.bonuses.access import Reader, one_employee
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.plans.assign_plans import assign_plans
from conveyor.bonuses.plans.queries import assignments_of, plans_of
from conveyor.bonuses.plans.rules import Assignment
from conveyor.bonuses.plans.views import AssignmentsView, PlanView
from conveyor.contracts.values import Code
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.etags import etag_of, revision_if_given
from conveyor.kit.http.models import AnswerModel, RequestModel


class PlanList(AnswerModel):
    """All plans of the role."""

    items: list[PlanView]
    next_cursor: str | None = None


class AssignmentRequest(RequestModel):
    """On a plan (null: on none) over the half-open days [from_on, until_on)."""

    plan: Code | None
    from_on: date
    until_on: date | None = None


class AssignmentsRequest(RequestModel):
    """The whole set of an employee's assignments; an empty one puts him back on the standard plan."""

    assignments: Annotated[tuple[AssignmentRequest, ...], Field(max_length=100)]


def router(desk: Desk) -> APIRouter:
    """`/bonus-plans` and `/employees/{id}/plan-assignments`."""
    routes = APIRouter(tags=["bonus_plans"])

    @routes.get("/bonus-plans")
    async def list_plans(_principal: Reader) -> PlanList:
        """The role's plans with all their versions."""
        async with desk.database.reading() as session:
            return PlanList(items=await plans_of(session, role=desk.role))

    @routes.get("/employees/{employee_id}/plan-assignments")
    async def get_assignments(employee_id: UUID, principal: Reader, response: Response) -> AssignmentsView:
        """On which plans the employee is."""
        whose = one_employee(principal, employee_id)
        async with desk.database.reading() as session:
            view = await assignments_of(session, whose)
        response.headers["ETag"] = etag_of(view.revision)
        return view

    @routes.put("/employees/{employee_id}/plan-assignments")
    async def put_assignments(
        employee_id: UUID,
        body: AssignmentsRequest,
        principal: Annotated[Principal, Depends(allow("head", "admin"))],
        response: Response,
        if_match: Annotated[int | None, Depends(revision_if_given)],
    ) -> AssignmentsView:
        """Replace the employee's assignments. Half-open, without overlap; with If-Match a stale set is refused."""
        view = await assign_plans(
            desk,
            employee_id=employee_id,
            assignments=[
                Assignment(plan=item.plan, from_on=item.from_on, until_on=item.until_on) for item in body.assignments
            ],
            actor=principal.subject,
            if_match=if_match,
        )
        response.headers["ETag"] = etag_of(view.revision)
        return view

    return routes
