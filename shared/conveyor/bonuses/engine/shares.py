"""Parts of a line: split between people, held back. Largest remainder, so parts sum to the whole for any sign."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from conveyor.bonuses.engine.explanation import Derivation, JsonValue
from conveyor.kit.money import split_by_largest_remainder


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a whole; `why` says of what kind, `weights` are everybody's, this one has place `index`."""

    why: str
    weights: tuple[int, ...]
    index: int
    whole_minor: int

    @property
    def amount_minor(self) -> int:
        """The part."""
        return split_by_largest_remainder(self.whole_minor, [Fraction(weight) for weight in self.weights])[self.index]

    def as_input(self) -> dict[str, JsonValue]:
        """For an explanation: the weights and what largest remainder did to the exact share."""
        exact = Fraction(self.whole_minor * self.weights[self.index], sum(self.weights))
        return {
            "what": self.why,
            "weights": list(self.weights),
            "weight": self.weights[self.index],
            "weights_sum": sum(self.weights),
            "remainder_correction": str(self.amount_minor - exact),
        }


def shares_of(why: str, weights: Sequence[int], whole_minor: int) -> list[Share]:
    """All parts of a whole."""
    return [Share(why, tuple(weights), index, whole_minor) for index in range(len(weights))]


def derive_share(derivation: Derivation, name: str, place: int, before: str) -> None:
    """Steps from `steps.<before>` to `steps.<name>`; the share's input is `inputs.<place>`."""
    of = f"inputs.{place}"
    derivation.step(f"{name}_weighted", "multiply", f"steps.{before}", f"{of}.weight", text="by its weight: {result}")
    derivation.step(
        f"{name}_exact", "divide", f"steps.{name}_weighted", f"{of}.weights_sum", text="÷ all weights: {result}"
    )
    text = "whole minor units by largest remainder: {result}"
    derivation.step(name, "add", f"steps.{name}_exact", f"{of}.remainder_correction", text=text)
