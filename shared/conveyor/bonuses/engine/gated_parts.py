"""What a gated line is made of: the norm reached, and the work of one component under one plan version."""

from dataclasses import dataclass
from fractions import Fraction

from conveyor.bonuses.engine.facts import WorkFact
from conveyor.bonuses.plans.documents import KpiGate, PerFact, PlanDocument
from conveyor.kit.money import Money


@dataclass(frozen=True, slots=True)
class Attainment:
    """How far the norm of a month was reached."""

    gate: KpiGate
    successful: int
    working_days: int
    quota_percent: int = 100

    @property
    def norm(self) -> Fraction:
        """Calls that the whole month asks for; of a newcomer the share that his ramp asks for."""
        return Fraction(self.gate.norm_per_working_day * self.working_days * self.quota_percent, 100)

    @property
    def share(self) -> Fraction:
        """What the gate lets through, exact: by its mode, at most its ceiling."""
        gate = self.gate
        if gate.mode == "proportional":
            return min(Fraction(gate.ceiling_percent, 100), self.reached)
        if gate.mode == "off_below":
            return Fraction(self.reached * 100 >= (gate.opens_at_percent or 0))
        reached = [step for step in gate.steps if self.reached * 100 >= step.from_percent]
        step = max(reached, key=lambda item: (item.from_percent, item.pays_percent), default=None)
        return Fraction(step.pays_percent if step else 0, 100)

    @property
    def reached(self) -> Fraction:
        """Calls ÷ norm, exact; a month without working days has no norm to miss."""
        return Fraction(self.successful) / self.norm if self.norm else Fraction(1)


@dataclass(frozen=True, slots=True)
class Part:
    """The work of one component under one plan version."""

    document: PlanDocument
    component: PerFact
    attainment: Attainment
    work: tuple[WorkFact, ...]
    pays_percent: int = 100

    @property
    def exact_minor(self) -> Fraction:
        """Count × sum × attainment, before rounding."""
        full = len(self.work) * Money.from_wire(self.component.amount).amount_minor
        return full * self.attainment.share * Fraction(self.pays_percent, 100)
