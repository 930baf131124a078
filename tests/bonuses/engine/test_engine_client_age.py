"""New and mature clients: local time < start + 3 months at the same time of day, the day clamped to the month's end."""

from datetime import datetime

import pytest

from conveyor.bonuses.engine.client_age import wall_months_later
from conveyor.kit.calendar import BusinessCalendar
from tests.bonuses.engine.story import BERLIN, MOSCOW, Department, Story


def _component(start: str, then: str, *, calendar: BusinessCalendar = MOSCOW) -> str:
    story = Story(calendar)
    story.accepted("Vera", "L", "2025-01-01 00:00", "H")
    story.paid("L", "P1", start, "100.00")
    story.paid("L", "P2", then, "100.00")
    lines = Department(calendar=calendar).evaluate("am", story.facts, through="2025-01").lines
    return next(line.component for line in lines if line.cause_id == "P2")


@pytest.mark.parametrize(
    ("start", "then", "component"),
    [
        ("2025-09-22 12:00", "2025-12-22 11:59:59", "new_client"),
        ("2025-09-22 12:00", "2025-12-22 12:00", "mature_client"),
        ("2025-11-30 15:00", "2026-02-28 14:59", "new_client"),
        ("2025-11-30 15:00", "2026-02-28 15:00", "mature_client"),
        ("2027-11-30 15:00", "2028-02-29 14:59", "new_client"),
        ("2025-05-31 00:00", "2025-08-31 00:00", "mature_client"),
        ("2025-10-31 23:00", "2026-01-31 22:59", "new_client"),
        ("2025-12-31 10:00", "2026-03-31 10:00", "mature_client"),
    ],
)
def test_three_months_at_the_same_time_of_day(start: str, then: str, component: str) -> None:
    assert _component(start, then) == component


@pytest.mark.parametrize(
    ("then", "component"), [("2025-10-27T08:30:00Z", "new_client"), ("2025-10-27T09:00:00Z", "mature_client")]
)
def test_the_wall_clock_counts_when_the_zone_changes_its_offset(then: str, component: str) -> None:
    """Ten in the morning in Berlin is 08:00 UTC in July and 09:00 UTC at the end of October."""
    assert _component("2025-07-27T08:00:00Z", then, calendar=BERLIN) == component


def test_months_later_is_clamped() -> None:
    assert wall_months_later(datetime(2025, 11, 30, 15), 3) == datetime(2026, 2, 28, 15)  # noqa: DTZ001 - a wall clock


def _by_payment(story: Story) -> dict[str, str]:
    lines = Department().evaluate("am", story.facts, through="2025-01").lines
    return {line.cause_id: line.component for line in lines}


def test_a_wholly_refunded_first_payment_does_not_start_the_age() -> None:
    story = Story()
    story.accepted("Vera", "L", "2025-01-01 00:00", "H")
    story.paid("L", "P1", "2025-01-10 10:00", "100.00")
    story.refunded("L", "R1", "P1", "2025-06-01 10:00", "100.00")
    story.paid("L", "P2", "2025-05-10 10:00", "100.00")
    story.paid("L", "P3", "2025-08-10 10:00", "100.00")
    assert _by_payment(story) == {
        "P1": "new_client",
        "R1": "new_client",
        "P2": "new_client",
        "P3": "mature_client",
    }


def test_when_all_payments_were_refunded_the_earliest_starts_it() -> None:
    story = Story()
    story.accepted("Vera", "L", "2025-01-01 00:00", "H")
    story.paid("L", "P1", "2025-01-10 10:00", "100.00")
    story.paid("L", "P2", "2025-05-10 10:00", "100.00")
    story.refunded("L", "R1", "P1", "2025-06-01 10:00", "100.00")
    story.refunded("L", "R2", "P2", "2025-06-01 10:00", "100.00")
    assert _by_payment(story) == {
        "P1": "new_client",
        "P2": "mature_client",
        "R1": "new_client",
        "R2": "mature_client",
    }


def test_the_other_component_says_how_old_the_client_was() -> None:
    story = Story()
    story.accepted("Vera", "L", "2025-01-01 00:00", "H")
    story.paid("L", "P1", "2025-01-10 10:00", "100.00")
    absences = Department().evaluate("am", story.facts, through="2025-01").absences
    assert [(item.component, item.text) for item in absences] == [
        (
            "mature_client",
            (
                "on 2025-01-10 10:00 the client was younger than three months old (since 2025-01-10 10:00); "
                "mature_client pays from then on"
            ),
        )
    ]
