"""One role's plan versions and who is on which plan when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from conveyor.bonuses.engine.facts import WorkKind
from conveyor.bonuses.engine.lines import BonusRole, ReasonCode
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.plans.documents import PlanDocument


@dataclass(frozen=True, slots=True)
class PlanAssignment:
    """An employee is on a plan (none: on no plan) over the half-open days [from_day, until_day)."""

    employee_id: UUID
    plan_code: str | None
    from_day: date
    until_day: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.from_day <= day and (self.until_day is None or day < self.until_day)


class PlanBook:
    """Plan versions of one role with their assignments.

    An employee of the role is on `default_plan` from `hired_on` on every day that no assignment covers. Where
    assignments overlap, the one that began last counts. A leaver keeps his plan: what he earned earlier still pays.
    """

    def __init__(
        self,
        *,
        role: BonusRole,
        versions: Iterable[PlanDocument],
        default_plan: str,
        roster: Roster,
        assignments: Iterable[PlanAssignment] = (),
    ) -> None:
        self.role: BonusRole = role
        self.default_plan = default_plan
        self._roster = roster
        self._versions: dict[str, list[PlanDocument]] = {}
        for document in sorted(versions, key=lambda item: (item.effective_from, item.version)):
            if document.role == role:
                self._versions.setdefault(document.code, []).append(document)
        self._assignments: dict[UUID, list[PlanAssignment]] = {}
        for assignment in assignments:
            self._assignments.setdefault(assignment.employee_id, []).append(assignment)
        documents = [document for versions_of in self._versions.values() for document in versions_of]
        per_fact = [part for document in documents for part in document.per_fact]
        self.facts_at_once: frozenset[WorkKind] = frozenset(
            part.fact for part in per_fact if part.gated_by is None and part.limits is None
        )
        self.gated_facts: frozenset[WorkKind] = frozenset(part.fact for part in per_fact if part.gated_by is not None)
        self.pooled_facts: frozenset[WorkKind] = frozenset(part.fact for part in per_fact if part.limits is not None)
        self.paid_periods = frozenset(
            part.period for document in documents for part in document.period_bonuses if part.per == "client"
        )
        self.pooled_kinds = frozenset(kind for document in documents for kind in document.pooled_kinds)
        self.chains_paid_from = min(
            (item.effective_from for item in documents if any(part.per == "chain" for part in item.period_bonuses)),
            default=None,
        )
        self.protects_credit = any(document.credit_protection_days for document in documents)

    def plan_code_for(self, employee_id: UUID, day: date) -> str | None:
        """The plan that the employee is on; None when he is on none that day."""
        covering = [item for item in self._assignments.get(employee_id, ()) if item.covers(day)]
        if covering:
            return max(covering, key=lambda item: (item.from_day, item.plan_code or "")).plan_code
        employee = self._roster.find(employee_id)
        if employee is None or employee.role != self.role or day < employee.hired_on:
            return None
        return self.default_plan

    def version_for(self, employee_id: UUID, day: date) -> PlanDocument | None:
        """The plan version by which a fact of this day pays the employee; None when there is none."""
        code = self.plan_code_for(employee_id, day)
        return None if code is None else self.version_of(code, day)

    def version_of(self, plan_code: str, day: date) -> PlanDocument | None:
        """The version of a plan in force on a day: the one that came into force last."""
        found = None
        for document in self._versions.get(plan_code, ()):
            if document.effective_from <= day:
                found = document
        return found

    def why_no_version(self, employee_id: UUID, day: date) -> tuple[ReasonCode, str]:
        """Why `version_for` found none: on no plan of this role that day, or on one not yet in force."""
        code = self.plan_code_for(employee_id, day)
        if code is None:
            return "plan_not_assigned", f"no {self.role} plan was assigned on {day.isoformat()}"
        return "no_plan_version", f"plan {code} had no version in force on {day.isoformat()}"
