"""Why a gated line is what it is. Built only when asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from conveyor.bonuses.engine.explanation import Derivation, Explanation, JsonValue
from conveyor.bonuses.engine.gate_steps import derive_attainment
from conveyor.bonuses.engine.gated_parts import Attainment, Part
from conveyor.bonuses.engine.work_reasons import work_input
from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.money import Money


@dataclass(frozen=True, slots=True)
class GatedReason:
    """What a gated line was computed from."""

    parts: tuple[Part, ...]
    amount: Money
    calendar: BusinessCalendar

    def explanation(self) -> Explanation:
        """Count × sum × attainment for each part, then rounded once."""
        latest = self.parts[-1]
        inputs = tuple(self._input(part) for part in self.parts)
        derivation = Derivation(terms=self._terms(latest), inputs=inputs)
        for index, part in enumerate(self.parts):
            _derive_part(derivation, index, part)
        shares = tuple(f"steps.part_{index}" for index in range(len(self.parts)))
        derivation.step("exact", "add", *shares, text="together {result} in minor units")
        derivation.step("line", "round_half_up", "steps.exact", text="rounded half up once: {result}")
        return Explanation(
            role=latest.document.role,
            plan_code=latest.document.code,
            plan_version=latest.document.version,
            component=latest.component.code,
            kind=latest.component.kind,
            terms=derivation.terms,
            inputs=inputs,
            steps=tuple(derivation.steps),
            result=self.amount,
            what_would_change=self._changes(latest.attainment),
        )

    @staticmethod
    def _changes(attainment: Attainment) -> tuple[str, ...]:
        missing = ceil(attainment.norm - attainment.successful)
        reached = "the norm is reached; more calls change nothing"
        calls = f"{missing} more successful calls in the month would pay the full sum" if missing > 0 else reached
        return (calls, "more facts of the kind, or a withdrawal of one")

    @staticmethod
    def _terms(part: Part) -> dict[str, JsonValue]:
        gate = part.attainment.gate
        return {
            "fact": part.component.fact,
            "currency": part.component.amount.currency,
            "gate": gate.model_dump(mode="json"),
            "withdrawn_by": list(part.component.withdrawn_by),
            "rounding": "half up, once per line",
        }

    def _input(self, part: Part) -> Mapping[str, JsonValue]:
        return {
            "what": "month_of_work",
            "plan": {"code": part.document.code, "version": part.document.version},
            "amount_minor": Money.from_wire(part.component.amount).amount_minor,
            "count": len(part.work),
            "facts": [work_input(work, self.calendar) for work in part.work],
            "successful_calls": part.attainment.successful,
            "min_seconds": part.attainment.gate.min_seconds,
            "norm_per_working_day": part.attainment.gate.norm_per_working_day,
            "working_days": part.attainment.working_days,
            **({"quota_percent": part.attainment.quota_percent} if part.attainment.quota_percent != 100 else {}),
        }


def _derive_part(derivation: Derivation, index: int, part: Part) -> None:
    place = f"inputs.{index}"
    full = f"full_{index}"
    attained = derive_attainment(derivation, part.attainment, place=place, suffix=str(index))
    counted = f"{len(part.work)} × {part.component.amount.amount} = {{result}} in minor units"
    derivation.step(full, "multiply", f"{place}.count", f"{place}.amount_minor", text=counted)
    name = f"part_{index}" if part.pays_percent == 100 else f"before_ramp_{index}"
    share = "in proportion to attainment: {result}"
    derivation.step(name, "multiply", f"steps.{full}", f"steps.{attained}", text=share)
    if part.pays_percent != 100:
        factor = str(Fraction(part.pays_percent, 100))
        text = f"a newcomer is paid {part.pays_percent} %: {{result}}"
        derivation.step(f"part_{index}", "multiply", f"steps.{name}", factor, text=text)
