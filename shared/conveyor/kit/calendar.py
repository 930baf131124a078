"""Days, months and quarters of one zone, and its working days. Pure: no clock, no I/O.

A day, a month and a quarter always mean the calendar's zone; instants are aware datetimes.
"""

import calendar as gregorian
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

# ASCII digits alone, and years whose neighbours a date can still hold.
_YEAR = r"((?:19|2[0-9])[0-9]{2})"
_MONTH = re.compile(_YEAR + r"-(0[1-9]|1[0-2])")
_QUARTER = re.compile(_YEAR + r"-Q([1-4])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, written `2025-09`."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `2025-09`, 1900 to 2999. Raises ValueError for any other form."""
        match = _MONTH.fullmatch(text)
        if match is None:
            msg = "not a month like 2025-09"
            raise ValueError(msg)
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        """The month of a day."""
        return cls(day.year, day.month)

    def plus(self, months: int) -> "Month":
        """This many months later; earlier when negative."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.plus(1).first_day - timedelta(days=1)

    @property
    def quarter(self) -> "Quarter":
        """The quarter it lies in."""
        return Quarter(self.year, (self.month + 2) // 3)

    def days(self) -> Iterator[date]:
        """Its days in order."""
        return (self.first_day + timedelta(days=offset) for offset in range(self.last_day.day))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A calendar quarter, written `2025-Q4`."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `2025-Q4`, 1900 to 2999. Raises ValueError for any other form."""
        match = _QUARTER.fullmatch(text)
        if match is None:
            msg = "not a quarter like 2025-Q4"
            raise ValueError(msg)
        return cls(int(match[1]), int(match[2]))

    @property
    def first_month(self) -> Month:
        """Its first month."""
        return Month(self.year, self.number * 3 - 2)

    @property
    def last_month(self) -> Month:
        """Its last month."""
        return Month(self.year, self.number * 3)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.last_month.last_day

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """One zone with its working days. Weekdays are ISO: Monday 1 to Sunday 7."""

    zone: ZoneInfo
    working_weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    holidays: frozenset[date] = frozenset()
    extra_working_days: frozenset[date] = frozenset()

    def local(self, instant: datetime) -> datetime:
        """The instant on the wall clock of the zone."""
        return instant.astimezone(self.zone)

    def day_of(self, instant: datetime) -> date:
        """The local day of an instant."""
        return self.local(instant).date()

    def month_of(self, instant: datetime) -> Month:
        """The local month of an instant."""
        return Month.of(self.day_of(instant))

    def start_of(self, day: date) -> datetime:
        """The instant (UTC) at which the local day begins."""
        return datetime.combine(day, time.min, tzinfo=self.zone).astimezone(UTC)

    def end_of_month(self, month: Month) -> datetime:
        """The first instant (UTC) after the month."""
        return self.start_of(month.plus(1).first_day)

    def end_of_quarter(self, quarter: Quarter) -> datetime:
        """The first instant (UTC) after the quarter."""
        return self.end_of_month(quarter.last_month)

    def add_months(self, instant: datetime, months: int) -> datetime:
        """The same wall-clock time so many calendar months later, the day clamped to the month's end; as UTC."""
        local = self.local(instant)
        month = Month.of(local.date()).plus(months)
        day = min(local.day, gregorian.monthrange(month.year, month.month)[1])
        return local.replace(year=month.year, month=month.month, day=day).astimezone(UTC)

    def is_working(self, day: date) -> bool:
        """Whether people work on this day."""
        if day in self.extra_working_days:
            return True
        return day.isoweekday() in self.working_weekdays and day not in self.holidays

    def working_days(self, month: Month) -> int:
        """How many working days the month has."""
        return sum(1 for day in month.days() if self.is_working(day))
