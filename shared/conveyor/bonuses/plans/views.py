"""Plans and assignments as they are answered."""

from datetime import date
from uuid import UUID

from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.kit.http.models import AnswerModel


class PlanVersionView(AnswerModel):
    """One version of a plan; it never changes."""

    version: int
    effective_from: date
    document: PlanDocument


class PlanView(AnswerModel):
    """A plan with its versions, oldest first."""

    id: str
    code: str
    role: str
    versions: list[PlanVersionView]


class AssignmentView(AnswerModel):
    """On a plan (null: on none) over the half-open days [from_on, until_on)."""

    plan: str | None
    from_on: date
    until_on: date | None


class AssignmentsView(AnswerModel):
    """An employee's assignments; outside of them he is on the role's standard plan. Revision 0: none were made."""

    employee_id: UUID
    revision: int
    assignments: list[AssignmentView]
