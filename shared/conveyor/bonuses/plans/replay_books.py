"""The two sides of a replay: what was published, and the draft in its place from the first month on."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.tables import PlanAssignmentSet
from conveyor.bonuses.plans.terms import default_plan_of, published_versions
from conveyor.kit.calendar import Month


@dataclass(frozen=True, slots=True)
class Side:
    """Versions to evaluate by; `place` 0 is old, 1 is new."""

    place: Literal[0, 1]
    versions: list[PlanDocument]
    default_plan: str


@dataclass(frozen=True, slots=True)
class ReplayBooks:
    """Both sides, and the plans whose lines are compared."""

    sides: tuple[Side, Side]
    plans: set[str]


async def books_for(session: AsyncSession, draft: dict[str, Any], *, role: BonusRole, first: Month) -> ReplayBooks:
    """The draft stands in for its plan; a plan that nobody is on yet is tried on everybody of the standard plan."""
    published = await published_versions(session, role=role)
    standard = default_plan_of(role)
    code = draft["code"]
    begins = min(first.first_day.isoformat(), draft["effective_from"])
    tried = PlanDocument.model_validate({**draft, "effective_from": begins})
    kept = [item for item in published if item.code != code or item.effective_from < tried.effective_from]
    used = code == standard or await _is_assigned(session, code)
    return ReplayBooks(
        sides=(Side(0, published, standard), Side(1, [*kept, tried], standard if used else code)),
        plans={code} if used else {code, standard},
    )


async def _is_assigned(session: AsyncSession, code: str) -> bool:
    wanted = select(PlanAssignmentSet.employee_id).where(PlanAssignmentSet.assignments.contains([{"plan": code}]))
    return await session.scalar(wanted.limit(1)) is not None
