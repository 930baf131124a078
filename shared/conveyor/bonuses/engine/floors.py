"""Floors: what tops a person's lines of a component up to a guaranteed sum at the period's end.

The floor is that of the plan of the period's last day and is due to whoever works on that day; it counts the gross
lines of the period, so a later refund takes back what it takes back and no floor grows for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from conveyor.bonuses.engine.explanation import Derivation, Explanation
from conveyor.bonuses.engine.lines import Line
from conveyor.bonuses.engine.pool import PeriodPool
from conveyor.bonuses.plans.documents import PercentOfPayment, PerFact, PlanDocument
from conveyor.kit.money import Money


def floor_lines(pool: PeriodPool, employee_id: UUID, lines: Iterable[Line]) -> list[Line]:
    """One line per component whose lines of the period stay below its floor."""
    document = pool.book.version_for(employee_id, pool.last_day)
    employee = pool.roster.find(employee_id)
    if document is None or employee is None or (employee.left_on is not None and employee.left_on <= pool.last_day):
        return []
    gross: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.amount.amount_minor > 0:
            key = (line.component, line.amount.currency)
            gross[key] = gross.get(key, 0) + line.amount.amount_minor
    found = []
    for component in document.limited:
        limits = component.limits
        if limits is None or limits.floor is None or limits.period != pool.kind:
            continue
        floor = Money.from_wire(limits.floor)
        earned = gross.get((component.code, floor.currency), 0)
        if earned < floor.amount_minor:
            found.append(_line(pool, employee_id, FloorReason(document, component, str(pool.period), floor, earned)))
    return found


@dataclass(frozen=True, slots=True)
class FloorReason:
    """A floor and what was earned without it."""

    document: PlanDocument
    component: PerFact | PercentOfPayment
    period: str
    floor: Money
    earned_minor: int

    def explanation(self) -> Explanation:
        """Floor minus earned."""
        terms = {"floor_minor": self.floor.amount_minor, "currency": self.floor.currency}
        inputs = ({"what": "lines_of_period", "period": self.period, "earned_minor": self.earned_minor},)
        derivation = Derivation(terms=terms, inputs=inputs)
        text = "the guaranteed sum of the period minus its lines: {result}"
        derivation.step("line", "subtract", "terms.floor_minor", "inputs.0.earned_minor", text=text)
        return Explanation(
            role=self.document.role,
            plan_code=self.document.code,
            plan_version=self.document.version,
            component=self.component.code,
            kind=self.component.kind,
            terms=terms,
            inputs=inputs,
            steps=tuple(derivation.steps),
            result=Money(self.floor.amount_minor - self.earned_minor, self.floor.currency),
            what_would_change=("further lines of the component in the period",),
        )


def _line(pool: PeriodPool, employee_id: UUID, reason: FloorReason) -> Line:
    return Line(
        role=reason.document.role,
        component=reason.component.code,
        plan_code=reason.document.code,
        plan_version=reason.document.version,
        employee_id=employee_id,
        lead_id=None,
        cause=f"in:{pool.period}/floor",
        cause_id=str(pool.period),
        earned_on=pool.last_day,
        amount=Money(reason.floor.amount_minor - reason.earned_minor, reason.floor.currency),
        timing="at_close",
        reason=reason,
    )
