"""Which payment a refund belongs to and how much of it is new, where the notice does not say so itself. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from conveyor.kit.money import Money
from handoff_bus.sources.kinds.payments.events import RunningRefund

Name = tuple[str, str]
Stretch = tuple[int, int]


@dataclass(slots=True)
class Paid:
    """A published payment of a source whose refunds are told by totals or without its id.

    `stretches` are the parts of it, in minor units, that are given back already.
    """

    source_id: UUID
    payment_id: str
    lead_id: UUID
    paid_at: datetime
    amount: Money
    names: frozenset[Name]
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def left_minor(self) -> int:
        """What is not given back yet."""
        return self.amount.amount_minor - measure(self.stretches)


def stretch_of(refund: RunningRefund, paid: Paid) -> Stretch:
    """From where to where this notice says that the payment is given back."""
    if refund.left is not None:
        return 0, paid.amount.amount_minor - Money.from_wire(refund.left).amount_minor
    before = Money.from_wire(refund.before).amount_minor if refund.before is not None else 0
    return before, before + Money.from_wire(refund.amount).amount_minor


def measure(stretches: Iterable[Stretch]) -> int:
    """How much the stretches cover together."""
    covered, end = 0, 0
    for start, stop in sorted(stretches):
        covered += max(0, stop - max(start, end))
        end = max(end, stop)
    return covered


def new_minor(stretch: Stretch, told: Sequence[Stretch]) -> int:
    """How much of this stretch was not told before."""
    return measure([*told, stretch]) - measure(told)


def payment_given_back(
    candidates: Iterable[Paid], *, amount: Money, at: datetime, stated: frozenset[Name]
) -> Paid | None:
    """The payment that a refund without its id gives back: under a stated name, the latest that has enough left."""
    fitting = [
        paid
        for paid in candidates
        if paid.paid_at <= at
        and paid.amount.currency == amount.currency
        and paid.left_minor >= amount.amount_minor
        and (not stated or stated & paid.names)
    ]
    return max(fitting, key=lambda paid: (paid.paid_at, paid.payment_id), default=None)
