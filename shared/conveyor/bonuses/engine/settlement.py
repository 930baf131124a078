"""Payments of one lead with what was refunded of each.

Refunds count in the order (refunded_at, refund id); what exceeds the payment is cut in that order and reported. A
refund dated before its payment counts at `paid_at`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from conveyor.bonuses.engine.facts import PaymentFact, RefundFact, unique
from conveyor.kit.calendar import BusinessCalendar, Month


@dataclass(frozen=True, slots=True)
class SettledRefund:
    """A refund as it counts: from `counts_at`, `counted_minor` of it, `so_far_minor` of its payment with it."""

    refund: RefundFact
    counts_at: datetime
    counted_minor: int
    so_far_minor: int


@dataclass(frozen=True, slots=True)
class SettledPayment:
    """A payment on the department's wall clock, with its refunds in order."""

    payment: PaymentFact
    wall: datetime
    day: date
    month: Month
    refunds: tuple[SettledRefund, ...]

    @property
    def refunded_minor(self) -> int:
        """What was refunded of it in all, never more than the payment."""
        return self.refunds[-1].so_far_minor if self.refunds else 0

    @property
    def wholly_refunded(self) -> bool:
        """Whether nothing of it is left."""
        return self.refunded_minor >= self.payment.amount.amount_minor


@dataclass(frozen=True, slots=True)
class RefundTrouble:
    """A refund that could not be taken as it came; `excess_minor` of it does not count."""

    refund: RefundFact
    code: Literal["refund_exceeds_payment", "refund_in_other_currency", "payment_unknown"]
    excess_minor: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """Payments in the order (paid_at, payment id), and refunds that make trouble."""

    payments: tuple[SettledPayment, ...]
    troubles: tuple[RefundTrouble, ...]


def settle(
    *, payments: tuple[PaymentFact, ...], refunds: tuple[RefundFact, ...], calendar: BusinessCalendar
) -> Settlement:
    """Bring payments and refunds of one lead together, in whatever order they are given."""
    by_payment: dict[tuple[str, str], list[RefundFact]] = {}
    for refund in sorted(unique(refunds), key=lambda item: (item.refunded_at, item.refund_id, item.source)):
        by_payment.setdefault((refund.source, refund.payment_id), []).append(refund)
    troubles: list[RefundTrouble] = []
    settled = []
    for payment in sorted(unique(payments), key=lambda item: (item.paid_at, item.payment_id, item.source)):
        wall = calendar.local(payment.paid_at).replace(tzinfo=None)
        own = by_payment.pop((payment.source, payment.payment_id), None)
        counted = _count_refunds(payment, own, troubles) if own else ()
        settled.append(SettledPayment(payment, wall, wall.date(), Month(wall.year, wall.month), counted))
    for orphans in by_payment.values():
        troubles += [RefundTrouble(orphan, "payment_unknown", orphan.amount.amount_minor) for orphan in orphans]
    return Settlement(tuple(settled), tuple(troubles))


def _count_refunds(
    payment: PaymentFact, refunds: list[RefundFact], troubles: list[RefundTrouble]
) -> tuple[SettledRefund, ...]:
    counted = []
    so_far = 0
    for refund in refunds:
        if refund.amount.currency != payment.amount.currency:
            troubles.append(RefundTrouble(refund, "refund_in_other_currency", refund.amount.amount_minor))
            continue
        taken = min(refund.amount.amount_minor, payment.amount.amount_minor - so_far)
        if taken < refund.amount.amount_minor:
            troubles.append(RefundTrouble(refund, "refund_exceeds_payment", refund.amount.amount_minor - taken))
        so_far += taken
        counted.append(SettledRefund(refund, max(refund.refunded_at, payment.paid_at), taken, so_far))
    return tuple(counted)
