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

    @property
    def norm(self) -> int:
        """Calls that the whole month asks for."""
        return self.gate.norm_per_working_day * self.working_days

    @property
    def share(self) -> Fraction:
        """Exact, at most 1."""
        return min(Fraction(1), Fraction(self.successful, self.norm)) if self.norm else Fraction(1)


@dataclass(frozen=True, slots=True)
class Part:
    """The work of one component under one plan version."""

    document: PlanDocument
    component: PerFact
    attainment: Attainment
    work: tuple[WorkFact, ...]

    @property
    def exact_minor(self) -> Fraction:
        """Count × sum × attainment, before rounding."""
        return len(self.work) * Money.from_wire(self.component.amount).amount_minor * self.attainment.share
