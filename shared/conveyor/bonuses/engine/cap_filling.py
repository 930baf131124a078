"""How far a cap per client is filled: by gross lines in the order (paid_at, payment id); refunds do not free it."""

from dataclasses import dataclass, field

from conveyor.bonuses.engine.facts import PaymentFact


@dataclass(slots=True)
class CapFilling:
    """What one component paid for one client in one currency, in order: how far a cap is filled.

    It only grows, so a reason remembers how many lines were in it at its turn.
    """

    lines: list[tuple[PaymentFact, int]] = field(default_factory=list)
    filled_minor: int = 0

    def room_minor(self, cap_minor: int) -> int:
        """What a cap still leaves; never below zero, though a later plan version may have a lower cap."""
        return max(0, cap_minor - self.filled_minor)

    def add(self, payment: PaymentFact, line_minor: int) -> None:
        """Another gross line."""
        self.lines.append((payment, line_minor))
        self.filled_minor += line_minor
