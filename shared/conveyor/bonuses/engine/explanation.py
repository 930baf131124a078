"""How a line was computed, as JSON: enough to compute it again without the engine.

A step applies `op` to `of` and has `result`. An operand is an exact number (`"9000"`, `"1/2"`) or a path:
`terms.rate`, `inputs.0.amount_minor`, `steps.gross`. Operations: `add`, `subtract`, `multiply`, `divide`, `minimum`,
`maximum`, `negate`, `round_half_up` (halves away from zero). Money is in minor units; the last step is the line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

from conveyor.kit.money import Money, round_half_up

# Any: a recursive JSON type buys nothing here; tests check that every explanation survives json.dumps.
JsonValue = Any

Exact = int | Fraction
Operation = Literal["add", "subtract", "multiply", "divide", "minimum", "maximum", "negate", "round_half_up"]


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of the arithmetic, for machines and in English."""

    name: str
    op: Operation
    of: tuple[str, ...]
    result: str
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Plan, component with its terms, inputs with fact and delivery ids, steps, result, and what would change it."""

    role: str
    plan_code: str
    plan_version: int
    component: str
    kind: str
    terms: Mapping[str, JsonValue]
    inputs: tuple[Mapping[str, JsonValue], ...]
    steps: tuple[Step, ...]
    result: Money
    what_would_change: tuple[str, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Plain JSON values."""
        return {
            "role": self.role,
            "plan": {"code": self.plan_code, "version": self.plan_version},
            "component": self.component,
            "kind": self.kind,
            "terms": dict(self.terms),
            "inputs": [dict(item) for item in self.inputs],
            "steps": [
                {"name": step.name, "op": step.op, "of": list(step.of), "result": step.result, "text": step.text}
                for step in self.steps
            ],
            "result": {"amount": self.result.text, "currency": self.result.currency},
            "what_would_change": list(self.what_would_change),
        }


class Derivation:
    """Writes steps while computing them: what is explained is what was calculated."""

    def __init__(self, *, terms: Mapping[str, JsonValue], inputs: tuple[Mapping[str, JsonValue], ...]) -> None:
        self.terms = terms
        self.inputs = inputs
        self.steps: list[Step] = []
        self._results: dict[str, Exact] = {}

    def step(self, name: str, op: Operation, *operands: str, text: str) -> Exact:
        """Apply `op` to operands (numbers or paths), remember it as `steps.<name>`; `{result}` in text is filled in."""
        values = [self._value(operand) for operand in operands]
        result = _apply(op, values)
        self._results[name] = result
        said = str(result)
        self.steps.append(Step(name, op, operands, said, text.replace("{result}", said)))
        return result

    def _value(self, operand: str) -> Exact:
        place, _, path = operand.partition(".")
        if place == "steps":
            return self._results[path]
        if place == "terms":
            return _exact(self.terms[path])
        if place == "inputs":
            index, _, name = path.partition(".")
            return _exact(self.inputs[int(index)][name])
        return _exact(operand)


def _exact(value: JsonValue) -> Exact:
    # Nearly all are whole: a Fraction for each costs more than the rest of an explanation.
    return value if type(value) is int else _read_exact(value)


@lru_cache(maxsize=1024)
def _read_exact(value: str) -> Fraction:
    return Fraction(value)


def _apply(op: Operation, values: list[Exact]) -> Exact:
    first, *rest = values
    match op:
        case "negate":
            return -first
        case "round_half_up":
            return round_half_up(first)
        case "minimum":
            return min(values)
        case "maximum":
            return max(values)
        case "add":
            return sum(values)
        case _:
            return _fold(op, first, rest)


def _fold(op: Operation, first: Exact, rest: list[Exact]) -> Exact:
    result = first
    for value in rest:
        if op == "subtract":
            result -= value
        elif op == "multiply":
            result *= value
        else:
            result = Fraction(result) / value
    return result
