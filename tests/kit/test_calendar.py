"""Months, quarters and working days of the department's zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyor.kit.calendar import BusinessCalendar, Month, Quarter

MOSCOW = BusinessCalendar(ZoneInfo("Europe/Moscow"))
BERLIN = BusinessCalendar(ZoneInfo("Europe/Berlin"))
ZONES = [
    "UTC",
    "Europe/Moscow",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Australia/Lord_Howe",
]

months = st.builds(Month, st.integers(1950, 2100), st.integers(1, 12))
instants = st.datetimes(datetime(1975, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
calendars = st.sampled_from([BusinessCalendar(ZoneInfo(zone)) for zone in ZONES])


@pytest.mark.parametrize(
    "text",
    [
        "2025-9",
        "2025-13",
        "2025-00",
        "25-09",
        "2025-09-01",
        "2025/09",
        "",
        "2025-09\n",
        "٢٠٢٥-09",
        "0000-01",
        "9999-12",
    ],
)
def test_a_month_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match="not a month"):
        Month.parse(text)


@pytest.mark.parametrize(
    "text", ["2025-Q5", "2025-Q0", "2025Q1", "2025-q1", "2025-Q1\n", "٢٠٢٥-Q1", "0000-Q1", "9999-Q4"]
)
def test_a_quarter_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match="not a quarter"):
        Quarter.parse(text)


@given(month=months, step=st.integers(-500, 500))
def test_months_count_and_return(month: Month, step: int) -> None:
    assert Month.parse(str(month)) == month
    assert month.plus(step).plus(-step) == month
    assert (month < month.plus(step)) == (step > 0)
    assert month.last_day + timedelta(days=1) == month.plus(1).first_day
    assert len([*month.days()]) == month.last_day.day
    assert all(Month.of(day) == month for day in month.days())


@given(month=months)
def test_a_quarter_is_three_months(month: Month) -> None:
    quarter = month.quarter

    assert Quarter.parse(str(quarter)) == quarter
    assert quarter.first_month <= month <= quarter.last_month
    assert quarter.first_month.plus(2) == quarter.last_month
    assert quarter.last_day == quarter.last_month.last_day
    assert quarter.last_month.plus(1).quarter > quarter


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2025, 9, 30, 20, 59, 59, tzinfo=UTC), date(2025, 9, 30)),
        (datetime(2025, 9, 30, 21, 0, 0, tzinfo=UTC), date(2025, 10, 1)),
        (datetime(2025, 12, 31, 21, 0, 0, tzinfo=UTC), date(2026, 1, 1)),
    ],
)
def test_a_day_begins_at_midnight_of_the_zone(instant: datetime, day: date) -> None:
    assert MOSCOW.day_of(instant) == day
    assert MOSCOW.month_of(instant) == Month.of(day)


def test_months_end_by_the_zone_also_when_the_clock_changes() -> None:
    assert MOSCOW.end_of_month(Month(2025, 9)) == datetime(2025, 9, 30, 21, tzinfo=UTC)
    assert BERLIN.end_of_month(Month(2025, 3)) == datetime(2025, 3, 31, 22, tzinfo=UTC)
    assert BERLIN.start_of(date(2025, 3, 30)) == datetime(2025, 3, 29, 23, tzinfo=UTC)
    assert BERLIN.end_of_quarter(Quarter(2025, 4)) == datetime(2025, 12, 31, 23, tzinfo=UTC)


@given(instant=instants, calendar=calendars)
def test_every_instant_lies_in_its_own_month_and_day(instant: datetime, calendar: BusinessCalendar) -> None:
    month = calendar.month_of(instant)

    assert calendar.start_of(month.first_day) <= instant < calendar.end_of_month(month)
    day = calendar.day_of(instant)
    assert calendar.start_of(day) <= instant < calendar.start_of(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("start", "months_later", "end"),
    [
        (datetime(2025, 1, 31, 12, tzinfo=UTC), 1, datetime(2025, 2, 28, 12, tzinfo=UTC)),
        (datetime(2024, 1, 31, 12, tzinfo=UTC), 1, datetime(2024, 2, 29, 12, tzinfo=UTC)),
        (datetime(2025, 3, 31, 12, tzinfo=UTC), -1, datetime(2025, 2, 28, 12, tzinfo=UTC)),
        (datetime(2025, 11, 30, 22, tzinfo=UTC), 3, datetime(2026, 2, 28, 22, tzinfo=UTC)),
        (datetime(2025, 5, 15, 12, tzinfo=UTC), 0, datetime(2025, 5, 15, 12, tzinfo=UTC)),
    ],
)
def test_adding_months_clamps_to_the_end_of_the_month(start: datetime, months_later: int, end: datetime) -> None:
    assert MOSCOW.add_months(start, months_later) == end


@given(instant=instants, calendar=calendars, count=st.integers(0, 60))
def test_adding_months_lands_that_many_months_on(instant: datetime, calendar: BusinessCalendar, count: int) -> None:
    later = calendar.add_months(instant, count)

    assert later.tzinfo is UTC
    assert calendar.month_of(later) == calendar.month_of(instant).plus(count)


@given(first=instants, second=instants, count=st.integers(0, 60))
def test_adding_months_keeps_the_order_of_days(first: datetime, second: datetime, count: int) -> None:
    earlier, later = sorted((first, second))

    assert MOSCOW.day_of(MOSCOW.add_months(earlier, count)) <= MOSCOW.day_of(MOSCOW.add_months(later, count))


def test_working_days_follow_weekdays_holidays_and_moved_days() -> None:
    calendar = BusinessCalendar(
        ZoneInfo("Europe/Moscow"),
        holidays=frozenset({date(2025, 11, 4), date(2025, 11, 3)}),
        extra_working_days=frozenset({date(2025, 11, 1)}),
    )

    assert MOSCOW.working_days(Month(2025, 11)) == 20
    assert calendar.working_days(Month(2025, 11)) == 19
    assert calendar.is_working(date(2025, 11, 1))
    assert not calendar.is_working(date(2025, 11, 2))
    assert not calendar.is_working(date(2025, 11, 4))
