"""The SDR's share of the client's payment, and his lines for single facts."""

from datetime import date

import pytest

from conveyor.bonuses.engine.lines import Evaluation
from tests.bonuses.engine.story import ANNA, Department, Story, employee, named, told

ALLA = employee("Alla", "sdr", "0102")


def _sdr(story: Story) -> Evaluation:
    return Department(ANNA, ALLA).evaluate("sdr", story.facts)


def _shares(story: Story) -> list[tuple[str, str]]:
    names = {named("Anna"): "Anna", named("Alla"): "Alla"}
    found = [line for line in _sdr(story).lines if line.component == "client_paid"]
    return [(line.cause_id, names[line.employee_id]) for line in found]


def _reasons(story: Story) -> list[tuple[str, str]]:
    return [(item.reason_code, item.text) for item in _sdr(story).absences]


def _handed_over_twice() -> Story:
    story = Story()
    story.booked("Anna", "L", "2025-01-10 10:00", "M1")
    story.accepted("Boris", "L", "2025-01-10 11:00", "M1", deal="D")
    story.booked("Alla", "L", "2025-02-10 10:00", "M2")
    story.accepted("Boris", "L", "2025-02-10 11:00", "M2", deal="D")
    return story


@pytest.mark.parametrize(("when", "who"), [("2025-02-10 10:59:59", "Anna"), ("2025-02-10 11:00", "Alla")])
def test_the_handoff_accepted_last_at_or_before_the_payment_counts(when: str, who: str) -> None:
    story = _handed_over_twice()
    story.paid("L", "P1", when, "100.00")
    assert _shares(story) == [("P1", who)]


def test_of_handoffs_accepted_at_one_instant_the_meeting_booked_later_counts() -> None:
    story = Story()
    story.booked("Alla", "L", "2025-01-10 10:00", "M2")
    story.booked("Anna", "L", "2025-01-10 09:00", "M1")
    story.accepted("Boris", "L", "2025-01-10 11:00", "M2", deal="D")
    story.accepted("Boris", "L", "2025-01-10 11:00", "M1", deal="D")
    story.paid("L", "P1", "2025-01-11 10:00", "100.00")
    assert _shares(story) == [("P1", "Alla")]


def test_handoffs_from_account_to_closing_credit_no_sdr() -> None:
    story = _handed_over_twice()
    story.accepted("Boris", "L", "2025-03-10 11:00", "upsell", deal="D2", from_stage="account")
    story.paid("L", "P1", "2025-03-11 10:00", "100.00")
    assert _shares(story) == [("P1", "Alla")]


def test_before_any_acceptance_nobody_is_credited() -> None:
    story = _handed_over_twice()
    story.paid("L", "P1", "2025-01-10 10:59", "100.00")
    assert _reasons(story) == [
        (
            "handoff_not_accepted",
            "no handoff to closing had been accepted on 2025-01-10 10:59; the first was accepted on 2025-01-10 11:00",
        )
    ]


def test_an_accepted_handoff_whose_booking_is_not_known() -> None:
    story = Story()
    story.accepted("Boris", "L", "2025-01-10 11:00", "M1", deal="D")
    story.paid("L", "P1", "2025-01-11 11:00", "100.00")
    assert [code for code, _ in _reasons(story)] == ["nobody_booked"]


def test_only_the_first_deal_pays() -> None:
    """First is the deal whose contract was signed first, though another was opened earlier."""
    story = _handed_over_twice()
    story.accepted("Boris", "L", "2025-03-01 11:00", "upsell", deal="D2", from_stage="account")
    story.contract("L", "D2", "C-2", "2025-03-02 12:00")
    story.contract("L", "D", "C-1", "2025-03-03 12:00")
    story.paid("L", "P1", "2025-03-04 10:00", "100.00", contract="C-1")
    story.paid("L", "P2", "2025-03-04 10:00", "100.00", contract="C-2")
    assert _shares(story) == [("P2", "Alla")]
    assert [code for code, _ in _reasons(story)] == ["not_first_deal"]


def test_a_leaver_keeps_this_credit() -> None:
    story = _handed_over_twice()
    story.paid("L", "P1", "2025-02-01 10:00", "100.00")
    gone = employee("Anna", "sdr", "0101", left_on=date(2025, 1, 15), successor="Alla")
    lines = Department(gone, ALLA).evaluate("sdr", story.facts).lines
    assert [line.employee_id for line in lines if line.cause_id == "P1"] == [named("Anna")]


def test_only_the_first_paying_month_pays() -> None:
    story = _handed_over_twice()
    story.paid("L", "P1", "2025-03-01 10:00", "100.00")
    story.paid("L", "P2", "2025-04-01 10:00", "100.00")
    assert _shares(story) == [("P1", "Alla")]
    assert _reasons(story) == [("not_paying_month", "April is the second paying month; the plan pays the first")]


@pytest.mark.parametrize(
    ("kind", "reason", "text"),
    [
        ("meeting_cancelled", "client_cancelled", "meeting cancelled on 2025-01-12: the client cancelled"),
        ("meeting_missed", None, "meeting missed on 2025-01-12"),
        ("handoff_returned", "unreachable", "handoff returned on 2025-01-12: unreachable"),
    ],
)
def test_a_withdrawal_leaves_no_line_whenever_it_comes(kind: str, reason: str | None, text: str) -> None:
    story = Story()
    story.booked("Anna", "L", "2025-01-10 10:00", "M1")
    story.booked("Anna", "L", "2025-01-10 10:00", "M2")
    match kind:
        case "meeting_cancelled":
            story.withdrawn("meeting_cancelled", "M1", "2025-01-12 10:00", reason)
        case "meeting_missed":
            story.withdrawn("meeting_missed", "M1", "2025-01-12 10:00", reason)
        case _:
            story.withdrawn("handoff_returned", "M1", "2025-01-12 10:00", reason)
    found = _sdr(story)
    assert len(told(found.lines)) == 1
    assert [(item.component, item.reason_code, item.text) for item in found.absences] == [
        ("meeting_booked", "withdrawn", text)
    ]


def test_a_fact_shows_its_local_time_with_the_offset() -> None:
    story = Story()
    story.booked("Anna", "L", "2025-01-31T21:00:00Z", "M1")
    assert told(_sdr(story).lines) == [
        ("meeting_booked", "meeting_booked@2025-02-01T00:00:00+03:00", "2025-02-01", "700.00")
    ]


def test_work_of_somebody_without_a_plan() -> None:
    story = Story()
    story.booked("Nobody", "L", "2025-01-10 10:00", "M1")
    story.booked("Anna", "L", "2024-12-31 23:59", "M2")
    assert _reasons(story) == [
        ("plan_not_assigned", "no sdr plan was assigned on 2024-12-31"),
        ("plan_not_assigned", "no sdr plan was assigned on 2025-01-10"),
    ]
