"""Working-hours arithmetic: known days, the odd ones, and properties over any calendar."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.refusals import Invalid
from handoff_bus.deadlines.rules import (
    DEFAULT,
    DeadlineTerms,
    DirectionTerms,
    NoWorkingTimeAhead,
    WorkingHours,
    check,
    due_of,
    terms_on,
)

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
PLAIN = WorkingHours(BusinessCalendar(zone=MOSCOW), time(9), time(18))


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("since", "hours", "due"),
    [
        ("2026-03-10 10:00", 4, "2026-03-10 14:00"),
        ("2026-03-10 16:00", 4, "2026-03-11 11:00"),
        ("2026-03-13 17:30", 1, "2026-03-16 09:30"),
        ("2026-03-14 12:00", 9, "2026-03-16 18:00"),
        ("2026-03-10 03:00", 1, "2026-03-10 10:00"),
        ("2026-03-10 18:00", 1, "2026-03-11 10:00"),
        ("2026-03-10 23:59", 1, "2026-03-11 10:00"),
    ],
)
def test_nights_and_weekends_do_not_count(since: str, hours: int, due: str) -> None:
    assert PLAIN.after(moscow(since), timedelta(hours=hours)) == moscow(due)
    assert PLAIN.between(moscow(since), moscow(due)) == timedelta(hours=hours)


def test_holidays_and_extra_working_days_of_the_calendar_count_as_it_says() -> None:
    calendar = BusinessCalendar(
        zone=MOSCOW, holidays=frozenset({date(2026, 3, 9)}), extra_working_days=frozenset({date(2026, 3, 7)})
    )
    hours = WorkingHours(calendar, time(9), time(18))

    assert hours.after(moscow("2026-03-06 17:00"), timedelta(hours=2)) == moscow("2026-03-07 10:00")
    assert hours.after(moscow("2026-03-07 17:00"), timedelta(hours=2)) == moscow("2026-03-10 10:00")


def test_a_night_shift_over_the_change_of_clocks_is_measured_as_it_passes() -> None:
    hours = WorkingHours(BusinessCalendar(zone=BERLIN, working_weekdays=frozenset(range(1, 8))), time(0), time(8))
    midnight = datetime(2026, 3, 29, tzinfo=BERLIN)

    assert hours.between(midnight, midnight + timedelta(days=1)) == timedelta(hours=7)
    assert hours.after(midnight, timedelta(hours=3)) == datetime(2026, 3, 29, 4, tzinfo=BERLIN)


def test_a_calendar_without_working_days_ahead_is_refused_and_not_searched_for_ever() -> None:
    never = WorkingHours(BusinessCalendar(zone=MOSCOW, working_weekdays=frozenset()), time(9), time(18))

    with pytest.raises(NoWorkingTimeAhead):
        never.after(moscow("2026-03-10 10:00"), timedelta(hours=1))


hours_of_any_calendar = st.builds(
    WorkingHours,
    st.builds(
        BusinessCalendar,
        zone=st.sampled_from([MOSCOW, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")]),
        working_weekdays=st.frozensets(st.integers(1, 7), min_size=1),
        holidays=st.frozensets(st.dates(date(2026, 1, 1), date(2026, 6, 1)), max_size=20),
        extra_working_days=st.frozensets(st.dates(date(2026, 1, 1), date(2026, 6, 1)), max_size=5),
    ),
    st.times(max_value=time(11)).map(lambda one: one.replace(second=0, microsecond=0)),
    st.times(min_value=time(12)).map(lambda one: one.replace(second=0, microsecond=0)),
)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 5, 1)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
spans = st.timedeltas(timedelta(minutes=1), timedelta(hours=60))


@given(hours_of_any_calendar, instants, spans)
def test_between_undoes_after_and_the_end_lies_in_working_time(
    hours: WorkingHours, since: datetime, span: timedelta
) -> None:
    due = hours.after(since, span)

    assert hours.between(since, due) == span
    opening = hours.of(hours.calendar.day_of(due - timedelta(microseconds=1)))
    assert opening is not None
    assert opening[0] < due <= opening[1]


@given(hours_of_any_calendar, instants, spans, spans)
def test_working_time_adds_up_and_never_runs_backwards(
    hours: WorkingHours, since: datetime, first: timedelta, second: timedelta
) -> None:
    assert hours.after(hours.after(since, first), second) == hours.after(since, first + second)
    assert hours.after(since, first) <= hours.after(since, first + second)
    assert hours.after(since, first) <= hours.after(since + second, first)


@given(hours_of_any_calendar, instants, st.lists(st.timedeltas(timedelta(0), timedelta(days=9)), max_size=4))
def test_working_time_of_parts_is_that_of_the_whole(
    hours: WorkingHours, since: datetime, parts: list[timedelta]
) -> None:
    edges = [since]
    for part in parts:
        edges.append(edges[-1] + part)

    whole = hours.between(edges[0], edges[-1])

    assert sum((hours.between(*pair) for pair in pairwise(edges)), timedelta()) == whole
    assert timedelta() <= whole <= edges[-1] - edges[0]


def test_the_reminder_comes_before_the_deadline_and_never_before_the_offer() -> None:
    terms = DirectionTerms("telemarketing", "closing", answer_minutes=60, remind_minutes=60, again_minutes=60)

    due = due_of(PLAIN, terms, since=moscow("2026-03-10 10:00"))

    assert (due.remind_at, due.due_at) == (moscow("2026-03-10 10:00"), moscow("2026-03-10 11:00"))


def test_the_policy_of_a_day_is_the_last_one_in_effect() -> None:
    def policy(since: date, minutes: int) -> DeadlineTerms:
        direction = DirectionTerms("closing", "account", answer_minutes=minutes, remind_minutes=0, again_minutes=1)
        return DeadlineTerms(since, time(9), time(18), (direction,))

    march, corrected, april = policy(date(2026, 3, 1), 1), policy(date(2026, 3, 1), 2), policy(date(2026, 4, 1), 3)

    assert terms_on(date(2026, 2, 28), [march, corrected, april]) is DEFAULT
    assert terms_on(date(2026, 3, 31), [march, april, corrected]) is corrected
    assert terms_on(date(2026, 4, 1), [april, march]) is april


def test_a_policy_that_makes_no_sense_is_refused_with_every_field() -> None:
    twice = DirectionTerms("closing", "account", answer_minutes=5, remind_minutes=9, again_minutes=1)
    backwards = DirectionTerms("account", "telemarketing", answer_minutes=5, remind_minutes=0, again_minutes=1)

    with pytest.raises(Invalid) as refused:
        check(DeadlineTerms(date(2026, 3, 1), time(18), time(9), (twice, twice, backwards)))

    assert [error.pointer for error in refused.value.errors] == [
        "/day_ends",
        "/directions/0/remind_minutes",
        "/directions/1",
        "/directions/1/remind_minutes",
        "/directions/2",
    ]
