"""The age of a client."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from account.payments.rules import PaidSum, age_at, client_since
from conveyor.kit.calendar import BusinessCalendar

MOSCOW = BusinessCalendar(zone=ZoneInfo("Europe/Moscow"))
INSTANTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
PAYMENTS = st.lists(st.builds(PaidSum, INSTANTS, st.just(100), st.integers(0, 120)), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("at", "age"),
    [
        (datetime(2025, 12, 22, 8, 59, 59, tzinfo=UTC), "new"),
        (datetime(2025, 12, 22, 9, 0, tzinfo=UTC), "mature"),
        (datetime(2025, 9, 1, tzinfo=UTC), "new"),
    ],
)
def test_new_until_three_months_at_the_same_time_of_day(at: datetime, age: str) -> None:
    assert age_at(datetime(2025, 9, 22, 9, 0, tzinfo=UTC), at, MOSCOW) == age


def test_the_day_is_clamped_to_the_months_end() -> None:
    since = datetime(2025, 11, 30, 9, 0, tzinfo=UTC)

    assert age_at(since, datetime(2026, 2, 28, 8, 59, tzinfo=UTC), MOSCOW) == "new"
    assert age_at(since, datetime(2026, 2, 28, 9, 0, tzinfo=UTC), MOSCOW) == "mature"


def test_without_payments_there_is_no_age() -> None:
    assert client_since([]) is None


@given(PAYMENTS)
def test_it_counts_from_the_earliest_payment_that_was_kept_else_from_the_earliest(payments: list[PaidSum]) -> None:
    kept = [one.paid_at for one in payments if one.refunded_minor < 100]

    assert client_since(payments) == min(kept or [one.paid_at for one in payments])
