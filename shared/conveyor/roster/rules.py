"""Who works when. Pure: no clock, no I/O. Days are the department's; a leaver owns nothing from 00:00 of `left_on`."""

from datetime import date, datetime
from typing import Protocol

from conveyor.kit.calendar import BusinessCalendar


class Employment(Protocol):
    """The dates between which somebody works here."""

    @property
    def hired_on(self) -> date:
        """The first day."""
        ...

    @property
    def left_on(self) -> date | None:
        """The first day on which he is gone; None while he stays."""
        ...


def works_on(employee: Employment, day: date) -> bool:
    """Whether he is hired already and not gone yet on this day."""
    return employee.hired_on <= day and (employee.left_on is None or day < employee.left_on)


def employed_at(employee: Employment, instant: datetime, calendar: BusinessCalendar) -> bool:
    """The same for an instant: from 00:00 of `hired_on` until 00:00 of `left_on` in the department's zone."""
    return works_on(employee, calendar.day_of(instant))
