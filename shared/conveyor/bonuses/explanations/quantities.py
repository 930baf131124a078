"""What an operand of a step is: money, a share or a count. Pure.

The unit follows from the operand's name (`…_minor` is money, `rate` a share) and from the operation, so a step of a
component kind that is new is read like any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from conveyor.bonuses.explanations.numbers import Language, money_text, number_text, percent_text

_SHARES = frozenset({"rate", "share", "factor", "attainment", "multiplier", "weight", "decay"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact value. `money` is the power of money in it: 0 a number, 1 an amount, 2 only on the way to a ratio."""

    value: Fraction
    money: int = 0
    share: bool = False
    literal: bool = False
    words: str | None = None
    """How it is written where its own value would say nothing, as for money times money."""

    def text(self, currency: str, lang: Language) -> str:
        """In the words of a language."""
        if self.words is not None:
            return self.words
        if self.money:
            return money_text(self.value, currency, lang)
        return percent_text(self.value, lang) if self.share else number_text(self.value, lang)


def quantity_of(operand: str, explanation: Mapping[str, Any], results: Mapping[str, Quantity]) -> Quantity:
    """The operand's value and unit. Raises KeyError, IndexError or ValueError for a path that leads nowhere."""
    place, _, path = operand.partition(".")
    if place == "steps":
        return results[path]
    if place not in {"terms", "inputs"}:
        return Quantity(Fraction(operand), literal=True)
    found: Any = explanation[place]
    for name in path.split("."):
        found = found[int(name)] if isinstance(found, list) else found[name]
    last = path.rpartition(".")[2]
    return Quantity(Fraction(found), money=int(last.endswith("_minor")), share=last in _SHARES)


def result_of(op: str, name: str, value: Fraction, operands: list[Quantity]) -> Quantity:
    """The unit of a step's result."""
    if op == "multiply":
        power = sum(operand.money for operand in operands)
        return Quantity(value, power, share=power == 0 and any(operand.share for operand in operands))
    if op == "divide":
        power = operands[0].money - sum(operand.money for operand in operands[1:])
        return Quantity(value, power, share=power == 0)
    known = [operand for operand in operands if not operand.literal] or operands
    share = any(operand.share for operand in known) or name.startswith(tuple(_SHARES))
    power = max(operand.money for operand in known)
    return Quantity(value, power, share=share and not power)
