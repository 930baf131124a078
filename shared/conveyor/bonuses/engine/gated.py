"""Gated sums of one employee's month: count × sum × attainment, exact, rounded once per component.

Attainment = successful calls ÷ (norm × working days of the whole month), at most 1. A month without working days has no
norm to miss: attainment 1. When the plan changes within the month each part counts by its own terms and the line
carries the plan of the latest.
"""

from fractions import Fraction
from math import ceil

from conveyor.bonuses.engine.facts import PersonMonthFacts, WorkFact, unique
from conveyor.bonuses.engine.gated_parts import Attainment, Part
from conveyor.bonuses.engine.gated_reasons import GatedReason
from conveyor.bonuses.engine.lines import Absence, Evaluation, Line, Said
from conveyor.bonuses.engine.per_fact import Withdrawals, absent_withdrawn, no_plan_for_work
from conveyor.bonuses.engine.plan_book import PlanBook
from conveyor.bonuses.engine.ramp import ramp_step
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.plans.documents import PerFact, PlanDocument
from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.money import Money, round_half_up


def evaluate_gated(
    facts: PersonMonthFacts, *, book: PlanBook, roster: Roster, calendar: BusinessCalendar
) -> Evaluation:
    """One line per gated component of the month, or why there is none."""
    work, absences = _standing_work(facts, book=book, calendar=calendar)
    lines: list[Line] = []
    working_days = calendar.working_days(facts.month)
    by_line: dict[tuple[str, str], list[Part]] = {}
    for document, component, done in work:
        gate = document.gate(component.gated_by or "")
        step = ramp_step(document, facts.employee_id, facts.month.last_day, roster=roster)
        quota, pays = (step.quota_percent, step.pays_percent) if step else (100, 100)
        attainment = Attainment(gate, facts.calls.at_least(gate.min_seconds), working_days, quota)
        key = (component.code, component.amount.currency)
        by_line.setdefault(key, []).append(Part(document, component, attainment, tuple(done), pays))
    for (_, currency), parts in sorted(by_line.items(), key=lambda item: item[0]):
        amount = Money(round_half_up(sum((part.exact_minor for part in parts), Fraction(0))), currency)
        if amount:
            lines.append(_line(facts, tuple(parts), amount, calendar))
        else:
            absences.append(_gate_closed(facts, parts[-1]))
    return Evaluation(tuple(lines), tuple(absences))


_Standing = list[tuple[PlanDocument, PerFact, list[WorkFact]]]


def _standing_work(
    facts: PersonMonthFacts, *, book: PlanBook, calendar: BusinessCalendar
) -> tuple[_Standing, list[Absence]]:
    """The month's gated work that nothing withdrew, by plan version and component, oldest first."""
    absences: list[Absence] = []
    groups: dict[tuple[str, int, str], tuple[PlanDocument, PerFact, list[WorkFact]]] = {}
    withdrawals = Withdrawals(unique(facts.withdrawals))
    for work in sorted(unique(facts.work), key=lambda item: (item.occurred_at, item.kind, str(item.fact_id))):
        day = calendar.day_of(work.occurred_at)
        of_this_month = (day.year, day.month) == (facts.month.year, facts.month.month)
        if work.employee_id != facts.employee_id or not of_this_month or work.kind not in book.gated_facts:
            continue
        document = book.version_for(work.employee_id, day)
        if document is None:
            absences.append(no_plan_for_work(work, day, book=book, calendar=calendar))
            continue
        for component in document.per_fact:
            if component.fact != work.kind or component.gated_by is None:
                continue
            undone = withdrawals.of(work, component)
            if undone is None:
                key = (document.code, document.version, component.code)
                groups.setdefault(key, (document, component, []))[2].append(work)
            else:
                code = component.code
                absences.append(absent_withdrawn(work, undone, component=code, role=book.role, calendar=calendar))
    return list(groups.values()), absences


def _line(facts: PersonMonthFacts, parts: tuple[Part, ...], amount: Money, calendar: BusinessCalendar) -> Line:
    latest = parts[-1]
    return Line(
        role=latest.document.role,
        component=latest.component.code,
        plan_code=latest.document.code,
        plan_version=latest.document.version,
        employee_id=facts.employee_id,
        lead_id=None,
        cause=f"month:{facts.month}",
        cause_id=str(facts.month),
        earned_on=facts.month.last_day,
        amount=amount,
        timing="at_close",
        reason=GatedReason(parts, amount, calendar),
    )


def _gate_closed(facts: PersonMonthFacts, part: Part) -> Absence:
    attainment = part.attainment
    gate = attainment.gate
    text = (
        f"the gate {gate.code} stood at {attainment.successful} of {attainment.norm} calls of at least "
        f"{gate.min_seconds} s in {facts.month}: {len(part.work)} × {part.component.amount.amount} pay nothing"
    )
    details = {
        "attainment": str(attainment.share),
        "successful_calls": attainment.successful,
        "norm": ceil(attainment.norm),
        "count": len(part.work),
    }
    return Absence(
        role=part.document.role,
        component=part.component.code,
        employee_id=facts.employee_id,
        lead_id=None,
        cause=f"month:{facts.month}",
        cause_id=str(facts.month),
        earned_on=facts.month.last_day,
        reason_code="gate_closed",
        why=Said(text, details),
    )
