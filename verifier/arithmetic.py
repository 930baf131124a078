"""A stored explanation computed again, step by step, with exact fractions."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from math import prod

from verifier.findings import Json


class Unreadable(ValueError):
    """An explanation from which no line can be computed."""


def problems_of(entry: Json, explanation: Json) -> Iterator[str]:
    """What in an entry's explanation does not give what the entry says. Reversals have none to compute."""
    try:
        yield from _problems(entry, explanation)
    except (Unreadable, KeyError, IndexError, TypeError, ValueError, ZeroDivisionError) as unreadable:
        yield f"the explanation cannot be computed: {type(unreadable).__name__} {unreadable}"


def minor_of(money: Json) -> int:
    """Minor units of `{"amount": "1500.00", "currency": "RUB"}`."""
    amount = money["amount"]
    if not isinstance(amount, str):
        msg = f"amount is no text: {amount!r}"
        raise Unreadable(msg)
    return int(Decimal(amount).scaleb(len(amount.partition(".")[2])))


def _problems(entry: Json, explanation: Json) -> Iterator[str]:
    for name, said in (
        ("component", explanation["component"]),
        ("role", explanation["role"]),
        ("plan_code", explanation["plan"]["code"]),
        ("plan_version", explanation["plan"]["version"]),
        ("amount", explanation["result"]),
    ):
        if entry[name] != said:
            yield f"{name} is {entry[name]}, its explanation says {said}"
    results: dict[str, Fraction] = {}
    last: Fraction | None = None
    for step in explanation["steps"]:
        operands = [_value(operand, explanation, results) for operand in step["of"]]
        last = _OPERATIONS[step["op"]](operands)
        if str(last) != step["result"]:
            yield f"step {step['name']} gives {last}, its explanation says {step['result']}"
        results[step["name"]] = last
    if last is None:
        yield "the explanation has no steps"
    elif last != minor_of(entry["amount"]):
        yield f"the steps give {last} minor units, the entry is {entry['amount']['amount']}"


def _value(operand: str, explanation: Json, results: dict[str, Fraction]) -> Fraction:
    place, _, path = operand.partition(".")
    if place == "steps":
        return results[path]
    if place not in {"terms", "inputs"}:
        return Fraction(operand)
    found = explanation[place]
    for name in path.split("."):
        found = found[int(name)] if isinstance(found, list) else found[name]
    if isinstance(found, bool) or not isinstance(found, int | str):
        msg = f"{operand} is no exact number: {found!r}"
        raise Unreadable(msg)
    return Fraction(found)


def _half_up(values: list[Fraction]) -> Fraction:
    """Halves go away from zero."""
    value = values[0]
    whole, rest = divmod(abs(value), 1)
    rounded = whole + (1 if rest >= Fraction(1, 2) else 0)
    return Fraction(rounded if value >= 0 else -rounded)


def _divided(values: list[Fraction]) -> Fraction:
    result = values[0]
    for value in values[1:]:
        result /= value
    return result


_OPERATIONS: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "add": lambda values: sum(values, Fraction(0)),
    "subtract": lambda values: values[0] - sum(values[1:], Fraction(0)),
    "multiply": lambda values: prod(values, start=Fraction(1)),
    "divide": _divided,
    "minimum": min,
    "maximum": max,
    "negate": lambda values: -values[0],
    "round_half_up": _half_up,
}
