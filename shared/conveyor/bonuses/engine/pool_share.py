"""How a line of a person's period came about, in steps: the running sum before and with it, tiers, gate, ramp, cap."""

from dataclasses import dataclass
from fractions import Fraction

from conveyor.bonuses.engine.explanation import Derivation, JsonValue
from conveyor.bonuses.engine.gate_steps import derive_attainment
from conveyor.bonuses.engine.gated_parts import Attainment
from conveyor.kit.money import round_half_up

RatedAmounts = tuple[tuple[Fraction, Fraction], ...]
"""(amount, rate) pairs."""


@dataclass(frozen=True, slots=True)
class Factor:
    """What multiplies before rounding: the gate's share, and what a newcomer is paid."""

    gate: Attainment | None = None
    pays_percent: int = 100

    @property
    def exact(self) -> Fraction:
        """The product."""
        share = self.gate.share if self.gate is not None else Fraction(1)
        return share * Fraction(self.pays_percent, 100)

    def inputs(self) -> tuple[dict[str, JsonValue], ...]:
        """The gate's figures; none without a gate."""
        if self.gate is None:
            return ()
        return (
            {
                "what": "gate",
                "gate": self.gate.gate.code,
                "successful_calls": self.gate.successful,
                "norm_per_working_day": self.gate.gate.norm_per_working_day,
                "working_days": self.gate.working_days,
                "quota_percent": self.gate.quota_percent,
            },
        )

    def derive(self, derivation: Derivation, *, place: int) -> str | None:
        """Steps up to the factor; its path, None when it is one by nature. The gate's input is `inputs.<place>`."""
        path = None
        if self.gate is not None:
            path = "steps." + derive_attainment(derivation, self.gate, place=f"inputs.{place}", suffix="gate")
        if self.pays_percent != 100:
            factor = str(Fraction(self.pays_percent, 100))
            text = f"a newcomer is paid {self.pays_percent} %: {{result}}"
            derivation.step("ramp", "multiply", path or "1", factor, text=text)
            path = "steps.ramp"
        return path


@dataclass(frozen=True, slots=True)
class PoolShare:
    """A payment's place in the running sum of a person's period.

    Rounded is the sum, not the line: a line is what the rounded sum grew by, so lines add up to the rounded total.
    """

    period: str
    before_minor: int
    with_minor: int
    rated_before: RatedAmounts
    rated_with: RatedAmounts
    factor: Factor
    cap_minor: int | None = None
    filled_minor: int = 0

    @property
    def line_minor(self) -> int:
        """The line."""
        grown = round_half_up(_earned(self.rated_with) * self.factor.exact)
        grown -= round_half_up(_earned(self.rated_before) * self.factor.exact)
        return grown if self.cap_minor is None else min(grown, max(0, self.cap_minor - self.filled_minor))

    @property
    def inputs(self) -> tuple[dict[str, JsonValue], ...]:
        """The running sum, and the gate's figures."""
        running = {
            "what": "running_sum",
            "period": self.period,
            "before_minor": self.before_minor,
            "with_minor": self.with_minor,
            "filled_minor": self.filled_minor,
        }
        return (running, *self.factor.inputs())

    def derive(self, derivation: Derivation, *, place: int) -> None:
        """Steps to `steps.line`; the running sum is `inputs.<place>`."""
        factor = self.factor.derive(derivation, place=place + 1)
        _derive_sum(derivation, "with", self.rated_with, factor)
        _derive_sum(derivation, "before", self.rated_before, factor)
        last = "line" if self.cap_minor is None else "grown"
        text = "this payment's line is what the sum grew by: {result}"
        derivation.step(last, "subtract", "steps.with", "steps.before", text=text)
        if self.cap_minor is not None:
            text = "of the period's cap earlier lines left {result}"
            derivation.step("room", "subtract", str(self.cap_minor), f"inputs.{place}.filled_minor", text=text)
            derivation.step("open_room", "maximum", "steps.room", "0", text="which is not below zero: {result}")
            text = "the line is at most that: {result}"
            derivation.step("line", "minimum", "steps.grown", "steps.open_room", text=text)


def _earned(rated: RatedAmounts) -> Fraction:
    return sum((amount * rate for amount, rate in rated), Fraction(0))


def _derive_sum(derivation: Derivation, name: str, rated: RatedAmounts, factor: str | None) -> None:
    paths = []
    for index, (amount, rate) in enumerate(rated):
        step = f"{name}_tier_{index}"
        text = f"{amount} at {rate} is {{result}} in minor units"
        derivation.step(step, "multiply", str(amount), str(rate), text=text)
        paths.append(f"steps.{step}")
    what = "with this payment" if name == "with" else "before it"
    derivation.step(f"{name}_exact", "add", "0", *paths, text=f"{what} the period's sum earns {{result}}")
    exact = f"steps.{name}_exact"
    if factor is not None:
        text = "of that the gate and the ramp let through {result}"
        derivation.step(f"{name}_let_through", "multiply", exact, factor, text=text)
        exact = f"steps.{name}_let_through"
    derivation.step(name, "round_half_up", exact, text="rounded half up: {result}")
