"""Fixed sums for facts with limits of a period: the n-th pays n times, at most so much, so many, so much in all."""

from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from conveyor.bonuses.engine.explanation import Derivation, Explanation, JsonValue
from conveyor.bonuses.engine.lines import Absence, Evaluation, Line, Said
from conveyor.bonuses.engine.per_fact import Withdrawals, absent_work, cause_id_of, credited_work, no_plan_for_work
from conveyor.bonuses.engine.pool import PeriodPool
from conveyor.bonuses.engine.work_reasons import CreditedWork, credited_inputs
from conveyor.bonuses.plans.components import PerFact
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.money import Money, round_half_up

_Group = list[tuple[CreditedWork, PlanDocument, PerFact]]


def pooled_work(pool: PeriodPool, employee_id: UUID) -> Evaluation:
    """The lines of his facts credited in the period, in the order in which they were credited."""
    groups: dict[str, _Group] = {}
    absences: list[Absence] = []
    for view, work in pool.work_of([employee_id]):
        if work.kind not in pool.book.pooled_facts:
            continue
        day = pool.calendar.day_of(work.occurred_at)
        here = pool.holds(work.occurred_at)
        document = pool.book.version_for(employee_id, day)
        if document is None:
            absences += [no_plan_for_work(work, day, book=pool.book, calendar=pool.calendar)] if here else []
            continue
        withdrawals = Withdrawals(view.withdrawals)
        for component in document.per_fact:
            if component.fact != work.kind or component.limits is None or component.limits.period != pool.kind:
                continue
            found = credited_work(view, work, component, withdrawals=withdrawals, book=pool.book)
            if isinstance(found, Absence):
                absences += [found] if here else []
            elif pool.holds(found.credited_at):
                groups.setdefault(component.code, []).append((found, document, component))
    lines: list[Line] = []
    for group in groups.values():
        told = _lines_of(pool, employee_id, group)
        lines += told.lines
        absences += told.absences
    return Evaluation(tuple(lines), tuple(absences))


def _lines_of(pool: PeriodPool, employee_id: UUID, group: _Group) -> Evaluation:
    lines: list[Line] = []
    absences: list[Absence] = []
    filled: dict[str, int] = {}
    ordered = sorted(group, key=lambda item: (item[0].credited_at, item[0].work.occurred_at, str(item[0].work.fact_id)))
    for number, (found, document, component) in enumerate(ordered, start=1):
        currency = component.amount.currency
        pays = pool.factor(document, None, employee_id, pool.calendar.day_of(found.work.occurred_at)).pays_percent
        reason = PooledWorkReason(
            found, document, component, str(pool.period), number, pays, filled.get(currency, 0), pool.calendar
        )
        if reason.line_minor > 0:
            filled[currency] = filled.get(currency, 0) + reason.line_minor
            lines.append(_line(pool, reason))
        else:
            absences.append(_absent(pool, reason))
    return Evaluation(tuple(lines), tuple(absences))


@dataclass(frozen=True, slots=True)
class PooledWorkReason:
    """The n-th credited fact of a period; `filled_minor` is what the ones before it were paid."""

    found: CreditedWork
    document: PlanDocument
    component: PerFact
    period: str
    number: int
    pays_percent: int
    filled_minor: int
    calendar: BusinessCalendar

    @property
    def cap_minor(self) -> int | None:
        """The cap of the period."""
        cap = self.component.limits.cap if self.component.limits else None
        return None if cap is None else Money.from_wire(cap).amount_minor

    @property
    def over_count(self) -> bool:
        """Whether more facts of the period came before than are paid."""
        count = self.component.limits.cap_count if self.component.limits else None
        return count is not None and self.number > count

    @property
    def line_minor(self) -> int:
        """The line; zero when nothing is left."""
        if self.over_count:
            return 0
        exact = Fraction(Money.from_wire(self.component.amount).amount_minor)
        if self.component.times_ordinal:
            exact *= self.number
        if self.component.at_most is not None:
            exact = min(exact, Fraction(Money.from_wire(self.component.at_most).amount_minor))
        line = round_half_up(exact * self.pays_percent / 100)
        return line if self.cap_minor is None else min(line, max(0, self.cap_minor - self.filled_minor))

    def explanation(self) -> Explanation:
        """Number × sum, at most so much, the ramp, the room that the period's cap leaves."""
        component = self.component
        place = {"what": "place_in_period", "period": self.period, "number": self.number}
        inputs = (*credited_inputs(self.found, self.calendar), {**place, "filled_minor": self.filled_minor})
        derivation = Derivation(terms=self._terms(), inputs=inputs)
        factor = f"inputs.{len(inputs) - 1}.number" if component.times_ordinal else "1"
        text = f"number {self.number} of {self.period} at {component.amount.amount}: {{result}} in minor units"
        derivation.step("full", "multiply", factor, "terms.amount_minor", text=text)
        last = "steps.full"
        if component.at_most is not None:
            derivation.step("limited", "minimum", last, "terms.at_most_minor", text="at most so much: {result}")
            last = "steps.limited"
        if self.pays_percent != 100:
            text = f"a newcomer is paid {self.pays_percent} %: {{result}}"
            derivation.step("ramped", "multiply", last, str(Fraction(self.pays_percent, 100)), text=text)
            last = "steps.ramped"
        derivation.step("rounded", "round_half_up", last, text="rounded half up: {result}")
        if self.cap_minor is None:
            derivation.step("line", "add", "steps.rounded", text="the line: {result}")
        else:
            filled = f"inputs.{len(inputs) - 1}.filled_minor"
            text = "of the period's cap earlier lines left {result}"
            derivation.step("room", "subtract", "terms.cap_minor", filled, text=text)
            derivation.step("open_room", "maximum", "steps.room", "0", text="which is not below zero: {result}")
            text = "the line is at most that: {result}"
            derivation.step("line", "minimum", "steps.rounded", "steps.open_room", text=text)
        return Explanation(
            role=self.document.role,
            plan_code=self.document.code,
            plan_version=self.document.version,
            component=component.code,
            kind=component.kind,
            terms=derivation.terms,
            inputs=inputs,
            steps=tuple(derivation.steps),
            result=Money(self.line_minor, component.amount.currency),
            what_would_change=("an earlier fact of the period, or a withdrawal of one, moves the places",),
        )

    def _terms(self) -> dict[str, JsonValue]:
        component = self.component
        return {
            "fact": component.fact,
            "amount_minor": Money.from_wire(component.amount).amount_minor,
            "currency": component.amount.currency,
            "at_most_minor": Money.from_wire(component.at_most).amount_minor if component.at_most else None,
            "cap_minor": self.cap_minor,
            "times_ordinal": component.times_ordinal,
            "limits": component.limits.model_dump(mode="json") if component.limits else None,
            "withdrawn_by": list(component.withdrawn_by),
            "confirmed_by": list(component.confirmed_by),
        }


def _line(pool: PeriodPool, reason: PooledWorkReason) -> Line:
    work = reason.found.work
    return Line(
        role=reason.document.role,
        component=reason.component.code,
        plan_code=reason.document.code,
        plan_version=reason.document.version,
        employee_id=work.employee_id,
        lead_id=work.lead_id,
        cause=f"in:{pool.period}/fact:{work.fact_id}",
        cause_id=cause_id_of(work, pool.calendar),
        earned_on=pool.calendar.day_of(reason.found.credited_at),
        amount=Money(reason.line_minor, reason.component.amount.currency),
        timing="at_close",
        reason=reason,
    )


def _absent(pool: PeriodPool, reason: PooledWorkReason) -> Absence:
    exhausted = reason.over_count or reason.cap_minor is not None
    text = f"the cap of {pool.period} is exhausted by earlier facts" if exhausted else "the ramp pays nothing yet"
    return absent_work(
        reason.found.work,
        role=pool.book.role,
        calendar=pool.calendar,
        component=reason.component.code,
        code="cap_exhausted" if exhausted else "ramp_pays_nothing",
        why=Said(text, {"number": reason.number, "period": str(pool.period)}),
    )
