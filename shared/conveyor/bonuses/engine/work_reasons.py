"""Why a line for one fact is what it is. Built only when asked."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from conveyor.bonuses.engine.explanation import Derivation, Explanation, JsonValue
from conveyor.bonuses.engine.facts import WorkFact
from conveyor.bonuses.engine.wording import withdrawal
from conveyor.bonuses.plans.documents import PerFact, PlanDocument
from conveyor.bonuses.plans.modifiers import RampStep
from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.money import Money


@dataclass(frozen=True, slots=True)
class CreditedWork:
    """Work that stands and is confirmed as its component asks; `credited_at` is when the last of that came."""

    work: WorkFact
    credited_at: datetime
    confirmed_by: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class WorkReason:
    """What a line at once for one fact was computed from."""

    found: CreditedWork
    component: PerFact
    document: PlanDocument
    step: RampStep | None
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
        derivation = Derivation(terms=terms, inputs=credited_inputs(self.found, self.calendar))
        text = f"one {self.component.fact} at {amount.text} {amount.currency}: {{result}} in minor units"
        name = "line" if self.step is None else "full"
        line_minor = derivation.step(name, "multiply", "1", "terms.amount_minor", text=text)
        if self.step is not None:
            factor = str(Fraction(self.step.pays_percent, 100))
            text = f"a newcomer is paid {self.step.pays_percent} %: {{result}}"
            derivation.step("ramped", "multiply", "steps.full", factor, text=text)
            line_minor = derivation.step("line", "round_half_up", "steps.ramped", text="rounded half up: {result}")
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
            result=Money(int(line_minor), amount.currency),
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


def credited_inputs(found: CreditedWork, calendar: BusinessCalendar) -> tuple[dict[str, JsonValue], ...]:
    """The work, and what confirmed it if anything had to."""
    inputs = (work_input(found.work, calendar),)
    if not found.confirmed_by:
        return inputs
    confirmed = {
        "what": "confirmation",
        "credited_at": found.credited_at.isoformat(),
        "fact_ids": [str(fact_id) for fact_id in found.confirmed_by],
    }
    return (*inputs, confirmed)
