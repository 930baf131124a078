"""Recomputes a line from its explanation's JSON alone; shares no code with the engine."""

import json
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import prod
from typing import Any

from conveyor.bonuses.engine.lines import Line


def recomputed_minor(line: Line) -> int:
    """The line in minor units by its explanation; every step is checked on the way."""
    said = json.loads(json.dumps(line.explanation.to_json(), allow_nan=False))
    results: dict[str, Fraction] = {}
    result = Fraction(0)
    for step in said["steps"]:
        result = _OPERATIONS[step["op"]]([_value(operand, said, results) for operand in step["of"]])
        assert str(result) == step["result"], step
        assert step["result"] in step["text"], step
        results[step["name"]] = result
    assert said["result"] == {"amount": line.amount.text, "currency": line.amount.currency}
    assert said["plan"] == {"code": line.plan_code, "version": line.plan_version}
    assert (said["role"], said["component"]) == (line.role, line.component)
    assert said["what_would_change"]
    assert result.denominator == 1
    return int(result)


def _value(operand: str, said: dict[str, Any], results: dict[str, Fraction]) -> Fraction:
    if operand.startswith("steps."):
        return results[operand.removeprefix("steps.")]
    if operand[0].isdigit():
        return Fraction(operand)
    place: Any = said
    for name in operand.split("."):
        place = place[int(name)] if isinstance(place, list) else place[name]
    return Fraction(place)


_OPERATIONS: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "add": lambda values: sum(values, Fraction(0)),
    "subtract": lambda values: values[0] - sum(values[1:], Fraction(0)),
    "multiply": lambda values: prod(values, start=Fraction(1)),
    "divide": lambda values: values[0] / values[1],
    "minimum": min,
    "maximum": max,
    "negate": lambda values: -values[0],
    "round_half_up": lambda values: _rounded(values[0]),
}


def _rounded(value: Fraction) -> Fraction:
    """By Decimal, on twice the value so that a half is never lost to a repeating fraction."""
    doubled = value * 2
    halves = doubled.numerator // doubled.denominator if doubled >= 0 else -(-doubled.numerator // doubled.denominator)
    return Fraction((Decimal(halves) / 2).to_integral_value(ROUND_HALF_UP))
