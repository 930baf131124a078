"""A client's age. Pure. Source: GOLDEN, standard plans.

It counts from the earliest payment that was not wholly refunded; if all were, from the earliest. A client is new before
start + 3 calendar months at the same local time of day, the day clamped to the month's end; mature from then on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from conveyor.kit.calendar import BusinessCalendar

NEW_MONTHS = 3

Age = Literal["new", "mature"]


@dataclass(frozen=True, slots=True)
class PaidSum:
    """A payment and what was given back of it, in minor units of its currency."""

    paid_at: datetime
    amount_minor: int
    refunded_minor: int


def client_since(payments: Iterable[PaidSum]) -> datetime | None:
    """The moment from which the age counts; None without a payment."""
    known = list(payments)
    kept = [payment.paid_at for payment in known if payment.refunded_minor < payment.amount_minor]
    return min(kept or [payment.paid_at for payment in known], default=None)


def age_at(since: datetime, at: datetime, calendar: BusinessCalendar) -> Age:
    """Whether the client is new or mature at that instant; before its start it counts as new."""
    return "new" if at < calendar.add_months(since, NEW_MONTHS) else "mature"
