"""Paying months of one deal: calendar months in which something was paid that was not wholly refunded.

The first payment is everything paid in the first paying month, the second everything paid in the next calendar month.
Every known refund counts, whenever it came.
"""

from collections.abc import Iterable
from typing import Literal

from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.kit.calendar import Month


class PayingMonths:
    """The paying months of one deal, in order. Payments of any currency make a month a paying one."""

    def __init__(self, payments: Iterable[SettledPayment]) -> None:
        paying = {payment.month for payment in payments if not payment.wholly_refunded}
        self.months: tuple[Month, ...] = tuple(sorted(paying))
        self._ordinals = {month: number for number, month in enumerate(self.months, start=1)}
        self._first = self.months[0] if self.months else None
        self._next = self._first.plus(1) if self._first else None

    def ordinal(self, month: Month) -> int | None:
        """Which paying month it is, from 1; None when it is none."""
        return self._ordinals.get(month)

    def selects(self, which: Literal["first", "second", "any"], month: Month) -> bool:
        """Whether payments of this month are the first payment, the second, or any."""
        if month not in self._ordinals:
            return False
        return which == "any" or month == (self._first if which == "first" else self._next)

    def after_a_pause(self, month: Month) -> bool:
        """Whether it is the second paying month but not the calendar month after the first."""
        return self._ordinals.get(month) == 2 and month != self._next
