"""Fixed sums for facts: at once for each, or gated and once a month in proportion to the norm reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from conveyor.bonuses.engine.explanation import Derivation, Explanation, JsonValue
from conveyor.bonuses.engine.facts import WithdrawalFact, WorkFact
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.lines import Absence, BonusRole, Evaluation, Line, ReasonCode, Said, Why
from conveyor.bonuses.engine.plan_book import PlanBook
from conveyor.bonuses.engine.wording import withdrawal
from conveyor.bonuses.plans.documents import PerFact, PlanDocument
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

    def of(self, work: WorkFact, component: PerFact) -> WithdrawalFact | None:
        """The earliest withdrawal of this work that the component heeds."""
        found = [
            self._by_thing.get((kind, work.handoff_id if kind == "handoff_returned" else work.meeting_id))
            for kind in component.withdrawn_by
        ]
        return min((fact for fact in found if fact is not None), key=lambda fact: fact.occurred_at, default=None)


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


def evaluate_work(view: LeadView, *, book: PlanBook) -> Evaluation:
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
            if component.fact != work.kind or component.gated_by is not None:
                continue
            undone = withdrawals.of(work, component)
            if undone is None:
                lines.append(_line(work, component, day, document=document, calendar=view.calendar))
            else:
                role = book.role
                absent = absent_withdrawn(work, undone, component=component.code, role=role, calendar=view.calendar)
                absences.append(absent)
    return Evaluation(tuple(lines), tuple(absences))


def no_plan_for_work(work: WorkFact, day: date, *, book: PlanBook, calendar: BusinessCalendar) -> Absence:
    """Why work of somebody without a plan earns nothing."""
    code, text = book.why_no_version(work.employee_id, day)
    return absent_work(work, role=book.role, calendar=calendar, component=None, code=code, why=Said(text))


def _line(work: WorkFact, component: PerFact, day: date, *, document: PlanDocument, calendar: BusinessCalendar) -> Line:
    return Line(
        role=document.role,
        component=component.code,
        plan_code=document.code,
        plan_version=document.version,
        employee_id=work.employee_id,
        lead_id=work.lead_id,
        cause=f"fact:{work.fact_id}",
        cause_id=cause_id_of(work, calendar),
        earned_on=day,
        amount=Money.from_wire(component.amount),
        timing="at_once",
        reason=WorkReason(work, component, document, calendar),
    )


@dataclass(frozen=True, slots=True)
class WorkReason:
    """What a line at once for one fact was computed from."""

    work: WorkFact
    component: PerFact
    document: PlanDocument
    calendar: BusinessCalendar

    def explanation(self) -> Explanation:
        """One fact at a fixed sum."""
        amount = Money.from_wire(self.component.amount)
        terms: dict[str, JsonValue] = {
            "fact": self.component.fact,
            "amount_minor": amount.amount_minor,
            "currency": amount.currency,
            "withdrawn_by": list(self.component.withdrawn_by),
        }
        derivation = Derivation(terms=terms, inputs=(work_input(self.work, self.calendar),))
        text = f"one {self.component.fact} at {amount.text} {amount.currency}: {{result}} in minor units"
        derivation.step("line", "multiply", "1", "terms.amount_minor", text=text)
        changes = tuple(withdrawal(kind, None, "any day") for kind in self.component.withdrawn_by)
        return Explanation(
            role=self.document.role,
            plan_code=self.document.code,
            plan_version=self.document.version,
            component=self.component.code,
            kind=self.component.kind,
            terms=terms,
            inputs=derivation.inputs,
            steps=tuple(derivation.steps),
            result=amount,
            what_would_change=changes,
        )


def work_input(work: WorkFact, calendar: BusinessCalendar) -> dict[str, JsonValue]:
    """A work fact as an input of an explanation."""
    return {
        "what": work.kind,
        "fact_id": str(work.fact_id),
        "delivery_id": str(work.delivery_id) if work.delivery_id else None,
        "lead_id": str(work.lead_id),
        "occurred_at": work.occurred_at.isoformat(),
        "occurred_at_local": calendar.local(work.occurred_at).isoformat(),
        "meeting_id": str(work.meeting_id) if work.meeting_id else None,
        "handoff_id": str(work.handoff_id) if work.handoff_id else None,
    }
