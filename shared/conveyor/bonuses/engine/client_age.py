"""Age of a client: from the earliest payment that was not wholly refunded; if all were, from the earliest.

New means local `paid_at` < start + so many calendar months at the same time of day, the day clamped to the month's end.
A payment before the start counts as new.
"""

import calendar as gregorian
from datetime import datetime

from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.kit.calendar import BusinessCalendar, Month


class ClientAge:
    """When a client began, and how old he is at a wall-clock time."""

    def __init__(self, payments: tuple[SettledPayment, ...]) -> None:
        self.start: SettledPayment | None = next(
            (payment for payment in payments if not payment.wholly_refunded), payments[0] if payments else None
        )
        self._limits: dict[int, datetime] = {}

    def limit(self, months: int) -> datetime:
        """The wall-clock time at which the client is that many months old. There must be a payment."""
        if self.start is None:
            msg = "a client without payments has no age"
            raise ValueError(msg)
        if months not in self._limits:
            self._limits[months] = wall_months_later(self.start.wall, months)
        return self._limits[months]

    def is_within(self, wall: datetime, *, from_months: int, until_months: int | None) -> bool:
        """Whether the age at this wall-clock time lies in [from_months, until_months)."""
        if from_months > 0 and wall < self.limit(from_months):
            return False
        return until_months is None or wall < self.limit(until_months)

    def is_older(self, *, than_months: int, at: datetime, calendar: BusinessCalendar) -> bool:
        """Whether start + months lies before this instant, as instants."""
        return self.start is not None and calendar.add_months(self.start.payment.paid_at, than_months) < at


def wall_months_later(wall: datetime, months: int) -> datetime:
    """The same time of day so many calendar months later, the day clamped to the month's end."""
    month = Month(wall.year, wall.month).plus(months)
    day = min(wall.day, gregorian.monthrange(month.year, month.month)[1])
    return wall.replace(year=month.year, month=month.month, day=day)
