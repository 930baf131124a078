"""Why a period bonus of an employee or a chain is what it is."""

from dataclasses import dataclass
from fractions import Fraction

from conveyor.bonuses.engine.explanation import Derivation, Explanation, JsonValue
from conveyor.bonuses.engine.measures import Measure
from conveyor.bonuses.engine.pool import PeriodPool
from conveyor.bonuses.engine.pool_share import Factor, RatedAmounts
from conveyor.bonuses.engine.shares import Share, derive_share
from conveyor.bonuses.plans.documents import PeriodBonus, PlanDocument
from conveyor.kit.money import Money, round_half_up


@dataclass(frozen=True, slots=True)
class PooledBonusReason:
    """`paid` are (share or slice, rate or sum) pairs whose products add up to the bonus before gate and ramp."""

    pool: PeriodPool
    document: PlanDocument
    component: PeriodBonus
    measure: Measure
    paid: RatedAmounts
    quota: Fraction | None
    factor: Factor
    share: Share | None

    @property
    def currency(self) -> str:
        """The currency of its sums; for rates that of the payments."""
        component = self.component
        if component.amount is not None:
            return component.amount.currency
        amounts = [tier.amount.currency for tier in component.tiers.tiers if tier.amount] if component.tiers else []
        return amounts[0] if amounts else self.pool.currency

    @property
    def whole_minor(self) -> int:
        """The bonus before it is shared."""
        return round_half_up(sum((part * rate for part, rate in self.paid), Fraction(0)) * self.factor.exact)

    @property
    def line_minor(self) -> int:
        """The line."""
        return self.whole_minor if self.share is None else self.share.amount_minor

    def explanation(self) -> Explanation:
        """Measure, quota, tiers, gate, ramp, share."""
        shares = () if self.share is None else (self.share.as_input(),)
        value = {
            "what": "measure",
            "measure": self.component.measure,
            "value": self.measure.value,
            "quota": None if self.quota is None else str(self.quota),
        }
        gate = self.factor.inputs()
        inputs = (value, *shares, *gate, *self.measure.inputs)
        derivation = Derivation(terms=self._terms(), inputs=inputs)
        derivation.step("value", "add", "inputs.0.value", text=f"{self.measure.words}: {{result}}")
        if self.quota:
            text = "÷ the quota of the period is {result}"
            derivation.step("attainment", "divide", "steps.value", str(self.quota), text=text)
        paths = []
        for index, (part, rate) in enumerate(self.paid):
            text = f"{part} × {rate} is {{result}} in minor units"
            derivation.step(f"tier_{index}", "multiply", str(part), str(rate), text=text)
            paths.append(f"steps.tier_{index}")
        derivation.step("exact", "add", "0", *paths, text="together {result}")
        factor = self.factor.derive(derivation, place=1 + len(shares))
        exact = "steps.exact"
        if factor is not None:
            derivation.step("let_through", "multiply", exact, factor, text="gate and ramp let through {result}")
            exact = "steps.let_through"
        name = "line" if self.share is None else "whole"
        derivation.step(name, "round_half_up", exact, text="rounded half up: {result}")
        if self.share is not None:
            derive_share(derivation, "line", 1, "whole")
        return Explanation(
            role=self.document.role,
            plan_code=self.document.code,
            plan_version=self.document.version,
            component=self.component.code,
            kind=self.component.kind,
            terms=derivation.terms,
            inputs=inputs,
            steps=tuple(derivation.steps),
            result=Money(self.line_minor, self.currency),
            what_would_change=("facts of the period, refunds made in it, another quota",),
        )

    def _terms(self) -> dict[str, JsonValue]:
        return self.component.model_dump(mode="json", exclude={"kind", "code"}, exclude_none=True)
