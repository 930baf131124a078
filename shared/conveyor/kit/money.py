"""Money: integer minor units with an ISO 4217 currency. No float ever; rates are Fractions; rounding is named.

`round_half_up` rounds halves away from zero, so a rounded amount and its mirror image stay mirror images.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from conveyor.contracts.values import CURRENCY_DIGITS, WireMoney


class CurrencyMismatch(ValueError):
    """Two amounts in different currencies cannot be added or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (kopecks, cents) of one currency."""

    amount_minor: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in this currency."""
        return cls(0, currency)

    @classmethod
    def of(cls, amount: str, currency: str) -> Self:
        """From decimal text such as `"15000.00"`. Raises pydantic's ValidationError for any other form."""
        return cls.from_wire(WireMoney(amount=amount, currency=currency))

    @classmethod
    def from_wire(cls, wire: WireMoney) -> Self:
        """From the checked form in which money travels."""
        return cls(int(wire.amount.replace(".", "")), wire.currency)

    def to_wire(self) -> WireMoney:
        """The form in which money travels."""
        return WireMoney(amount=self.text, currency=self.currency)

    @property
    def text(self) -> str:
        """Decimal text with exactly the currency's decimals, e.g. `-1500.00`."""
        digits = CURRENCY_DIGITS[self.currency]
        sign = "-" if self.amount_minor < 0 else ""
        units = str(abs(self.amount_minor)).rjust(digits + 1, "0")
        return f"{sign}{units[:-digits]}.{units[-digits:]}" if digits else f"{sign}{units}"

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_minor - self._same(other), self.currency)

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    def times(self, factor: Fraction) -> "Money":
        """This amount times an exact factor, rounded half up to the minor unit once."""
        return Money(round_half_up(self.amount_minor * factor), self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            msg = f"{self.currency} and {other.currency}"
            raise CurrencyMismatch(msg)
        return other.amount_minor


def round_half_up(value: Fraction | int) -> int:
    """The nearest integer; halves go away from zero."""
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


def split_by_largest_remainder(total_minor: int, weights: Sequence[Fraction]) -> list[int]:
    """Parts in proportion to `weights` that sum to the total for any sign; ties go to the earlier weight.

    Raises ValueError for a negative weight or when all weights are zero.
    """
    whole = sum(weights, Fraction(0))
    if whole <= 0 or any(weight < 0 for weight in weights):
        msg = "weights must be non-negative and not all zero"
        raise ValueError(msg)
    size = abs(total_minor)
    exact = [size * weight / whole for weight in weights]
    parts = [share.numerator // share.denominator for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: size - sum(parts)]:
        parts[index] += 1
    return parts if total_minor >= 0 else [-part for part in parts]
