"""How much of a refund counts against a line: everything, or less the later it comes, or nothing after the window.

The factor is exact: 1 up to the payment's day, with linear decay (days left) ÷ (days of the window). A day is the
department's. What was taken so far is rounded once over the sum, so parts never take more than the whole would.
"""

from datetime import date
from fractions import Fraction

from conveyor.bonuses.plans.modifiers import Clawback


def clawback_factor(clawback: Clawback | None, *, paid_on: date, refunded_on: date) -> Fraction:
    """The share of a refund of this day that is taken back."""
    if clawback is None:
        return Fraction(1)
    days = max(0, (refunded_on - paid_on).days)
    if days >= clawback.within_days:
        return Fraction(0)
    return Fraction(1) if clawback.decay == "none" else Fraction(clawback.within_days - days, clawback.within_days)
