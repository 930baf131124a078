"""Who works when."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyor.kit.calendar import BusinessCalendar
from conveyor.roster.rules import employed_at, works_on

MOSCOW = BusinessCalendar(zone=ZoneInfo("Europe/Moscow"))


@dataclass(frozen=True)
class Person:
    hired_on: date
    left_on: date | None


@pytest.mark.parametrize(
    ("instant", "is_employed"),
    [
        (datetime(2025, 1, 8, 20, 59, 59, tzinfo=UTC), False),
        (datetime(2025, 1, 8, 21, 0, tzinfo=UTC), True),
        (datetime(2025, 10, 19, 20, 59, 59, tzinfo=UTC), True),
        (datetime(2025, 10, 19, 21, 0, tzinfo=UTC), False),
    ],
)
def test_days_begin_at_midnight_of_the_department(instant: datetime, is_employed: bool) -> None:
    person = Person(hired_on=date(2025, 1, 9), left_on=date(2025, 10, 20))

    assert employed_at(person, instant, MOSCOW) is is_employed


@given(hired_on=st.dates(), left_on=st.none() | st.dates(), day=st.dates())
def test_the_interval_is_half_open(hired_on: date, left_on: date | None, day: date) -> None:
    expected = hired_on <= day and (left_on is None or day < left_on)

    assert works_on(Person(hired_on, left_on), day) is expected
