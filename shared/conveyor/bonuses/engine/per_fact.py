"""Fixed sums for facts: at once for each, or gated and once a month in proportion to the norm reached."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import get_args
from uuid import UUID

from conveyor.bonuses.engine.facts import WithdrawalFact, WithdrawalKind, WorkFact
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.lines import Absence, BonusRole, Evaluation, Line, ReasonCode, Said, Why
from conveyor.bonuses.engine.plan_book import PlanBook
from conveyor.bonuses.engine.ramp import ramp_step
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.engine.wording import listed, withdrawal
from conveyor.bonuses.engine.work_reasons import CreditedWork, WorkReason
from conveyor.bonuses.plans.documents import PerFact, PeriodBonus, PlanDocument
from conveyor.bonuses.plans.modifiers import RampStep
from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.money import Money


class Withdrawals:
    """Withdrawals by what they withdraw: a meeting's by `meeting_id`, a handoff's by `handoff_id`, whenever made."""

    def __init__(self, withdrawals: Iterable[WithdrawalFact]) -> None:
        self._by_thing: dict[tuple[str, UUID | None], WithdrawalFact] = {}
        for fact in sorted(withdrawals, key=lambda item: (item.occurred_at, item.reason or "", str(item.fact_id))):
            thing = fact.handoff_id if fact.kind == "handoff_returned" else fact.meeting_id
            if thing is not None:
                self._by_thing.setdefault((fact.kind, thing), fact)

    def of(self, work: WorkFact, component: PerFact | PeriodBonus) -> WithdrawalFact | None:
        """The earliest withdrawal of this work that the component heeds."""
        found = [
            self._by_thing.get((kind, work.handoff_id if kind == "handoff_returned" else work.meeting_id))
            for kind in _heeded(component)
        ]
        return min((fact for fact in found if fact is not None), key=lambda fact: fact.occurred_at, default=None)


def _heeded(component: PerFact | PeriodBonus) -> tuple[WithdrawalKind, ...]:
    # What a bonus counts must stand: no withdrawn fact is counted.
    return component.withdrawn_by if isinstance(component, PerFact) else get_args(WithdrawalKind)


def cause_id_of(work: WorkFact, calendar: BusinessCalendar) -> str:
    """`meeting_booked@2025-09-09T10:00:00+03:00`: what payroll shows for what people recorded."""
    return f"{work.kind}@{calendar.local(work.occurred_at).isoformat()}"


def absent_work(
    work: WorkFact,
    *,
    role: BonusRole,
    calendar: BusinessCalendar,
    component: str | None,
    code: ReasonCode,
    why: Why,
) -> Absence:
    """Why this work earns nothing."""
    return Absence(
        role=role,
        component=component,
        employee_id=work.employee_id,
        lead_id=work.lead_id,
        cause=f"fact:{work.fact_id}",
        cause_id=cause_id_of(work, calendar),
        earned_on=calendar.day_of(work.occurred_at),
        reason_code=code,
        why=why,
    )


def absent_withdrawn(
    work: WorkFact, fact: WithdrawalFact, *, component: str, role: BonusRole, calendar: BusinessCalendar
) -> Absence:
    """Why withdrawn work earns nothing."""
    day = calendar.day_of(fact.occurred_at).isoformat()
    details = {"kind": fact.kind, "reason": fact.reason, "on": day, "fact_id": str(fact.fact_id)}
    return absent_work(
        work,
        role=role,
        calendar=calendar,
        component=component,
        code="withdrawn",
        why=Said(withdrawal(fact.kind, fact.reason, day), details),
    )


def evaluate_work(view: LeadView, *, book: PlanBook, roster: Roster) -> Evaluation:
    """Lines at once for the lead's work under the plan of whoever did it; gated work belongs to his month."""
    lines: list[Line] = []
    absences: list[Absence] = []
    withdrawals = Withdrawals(view.withdrawals)
    for work in view.work:
        if work.kind not in book.facts_at_once:
            continue
        day = view.calendar.day_of(work.occurred_at)
        document = book.version_for(work.employee_id, day)
        if document is None:
            absences.append(no_plan_for_work(work, day, book=book, calendar=view.calendar))
            continue
        for component in document.per_fact:
            if component.fact != work.kind or component.gated_by is not None or component.limits is not None:
                continue
            found = credited_work(view, work, component, withdrawals=withdrawals, book=book)
            if isinstance(found, Absence):
                absences.append(found)
                continue
            step = ramp_step(document, work.employee_id, day, roster=roster)
            line = _line(found, component, document=document, step=step, calendar=view.calendar)
            if line.amount:
                lines.append(line)
            else:
                text = f"in this month of the ramp {component.code} pays nothing"
                code = component.code
                why = Said(text)
                absences.append(
                    absent_work(
                        work, role=book.role, calendar=view.calendar, component=code, code="ramp_pays_nothing", why=why
                    )
                )
    return Evaluation(tuple(lines), tuple(absences))


def no_plan_for_work(work: WorkFact, day: date, *, book: PlanBook, calendar: BusinessCalendar) -> Absence:
    """Why work of somebody without a plan earns nothing."""
    code, text = book.why_no_version(work.employee_id, day)
    return absent_work(work, role=book.role, calendar=calendar, component=None, code=code, why=Said(text))


def credited_work(
    view: LeadView, work: WorkFact, component: PerFact | PeriodBonus, *, withdrawals: "Withdrawals", book: PlanBook
) -> CreditedWork | Absence:
    """The work as it counts for a component, or why it does not: withdrawn, or not confirmed yet."""
    undone = withdrawals.of(work, component)
    if undone is not None:
        return absent_withdrawn(work, undone, component=component.code, role=book.role, calendar=view.calendar)
    credited_at, fact_ids, missing = work.occurred_at, [], []
    for kind in component.confirmed_by:
        fact = view.confirmation(kind, work)
        if fact is None:
            missing.append(kind)
        else:
            credited_at = max(credited_at, fact.occurred_at)
            fact_ids.append(fact.fact_id)
    if missing:
        text = f"not confirmed yet: {listed([kind.replace('_', ' ') for kind in missing])}"
        why = Said(text, {"missing": missing})
        role, code = book.role, component.code
        return absent_work(work, role=role, calendar=view.calendar, component=code, code="not_confirmed", why=why)
    return CreditedWork(work, credited_at, tuple(fact_ids))


def _line(
    found: CreditedWork,
    component: PerFact,
    *,
    document: PlanDocument,
    step: RampStep | None,
    calendar: BusinessCalendar,
) -> Line:
    work = found.work
    amount = Money.from_wire(component.amount)
    if step is not None:
        amount = amount.times(Fraction(step.pays_percent, 100))
    return Line(
        role=document.role,
        component=component.code,
        plan_code=document.code,
        plan_version=document.version,
        employee_id=work.employee_id,
        lead_id=work.lead_id,
        cause=f"fact:{work.fact_id}",
        cause_id=cause_id_of(work, calendar),
        earned_on=calendar.day_of(found.credited_at),
        amount=amount,
        timing="at_once",
        reason=WorkReason(found, component, document, step, calendar),
    )
