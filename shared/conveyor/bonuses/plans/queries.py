"""Reads of plans and assignments."""

from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.plans.tables import PlanAssignmentSet
from conveyor.bonuses.plans.terms import published_versions
from conveyor.bonuses.plans.views import AssignmentsView, AssignmentView, PlanVersionView, PlanView


async def plans_of(session: AsyncSession, *, role: BonusRole) -> list[PlanView]:
    """The role's plans by code."""
    documents = await published_versions(session, role=role)
    return [
        PlanView(
            id=code,
            code=code,
            role=role,
            versions=[
                PlanVersionView(version=item.version, effective_from=item.effective_from, document=item)
                for item in versions
            ],
        )
        for code, versions in groupby(documents, key=lambda item: item.code)
    ]


async def assignments_of(session: AsyncSession, employee_id: UUID) -> AssignmentsView:
    """The employee's set of assignments that stands."""
    found = await session.scalar(
        select(PlanAssignmentSet)
        .where(PlanAssignmentSet.employee_id == employee_id)
        .order_by(PlanAssignmentSet.revision.desc())
        .limit(1)
    )
    if found is None:
        return AssignmentsView(employee_id=employee_id, revision=0, assignments=[])
    return AssignmentsView(
        employee_id=employee_id,
        revision=found.revision,
        assignments=[AssignmentView.model_validate(item) for item in found.assignments],
    )
