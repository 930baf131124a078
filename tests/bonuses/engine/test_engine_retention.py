"""The quarterly bonus: the owner at the last instant, all the client's payments, net of refunds made in the quarter."""

from datetime import date

import pytest

from conveyor.bonuses.engine.evaluate import evaluate_client_quarter
from conveyor.bonuses.engine.fact_set import FactSet
from conveyor.bonuses.engine.facts import LeadFacts
from conveyor.bonuses.engine.lines import Evaluation
from conveyor.kit.calendar import Quarter
from tests.bonuses.engine.story import ANNA, BORIS, MOSCOW, VERA, Department, Story, employee, named

Q4 = Quarter(2025, 4)
GALA = employee("Gala", "am", "0302")


def _lead(story: Story) -> LeadFacts:
    return next(FactSet(story.facts).leads())


def _quarter(story: Story, *, department: Department | None = None, currency: str = "RUB") -> Evaluation:
    company = department or Department(ANNA, BORIS, VERA, GALA)
    book, roster = company.book("am"), company.roster
    return evaluate_client_quarter(
        book=book, facts=_lead(story), roster=roster, calendar=MOSCOW, currency=currency, quarter=Q4
    )


def _client(started: str = "2025-05-10 10:00") -> Story:
    story = Story()
    story.accepted("Vera", "L", "2025-01-01 00:00", "H")
    story.paid("L", "P0", started, "1.00")
    return story


@pytest.mark.parametrize(
    ("payments", "paid"),
    [
        ((("2025-10-01 00:00", "300000.00"),), True),
        ((("2025-09-30 23:59:59", "300000.00"),), False),
        ((("2025-12-31 23:59:59", "300000.00"),), True),
        ((("2026-01-01 00:00", "300000.00"),), False),
        ((("2025-10-01 00:00", "299999.99"),), False),
        ((("2025-10-05 10:00", "200000.00"), ("2025-12-05 10:00", "100000.00")), True),
    ],
)
def test_the_threshold_over_payments_of_the_quarter(payments: tuple[tuple[str, str], ...], *, paid: bool) -> None:
    story = _client()
    for number, (when, amount) in enumerate(payments, start=1):
        story.paid("L", f"P{number}", when, amount)
    found = _quarter(story)
    assert [line.amount.text for line in found.lines] == (["10000.00"] if paid else [])
    assert [item.reason_code for item in found.absences] == ([] if paid else ["below_threshold"])


@pytest.mark.parametrize(
    ("refunded_at", "payment", "paid"),
    [
        ("2025-12-31 23:59", "P1", False),
        ("2026-01-01 00:00", "P1", True),
        ("2025-10-01 00:00", "P0", False),
        ("2025-09-30 23:59", "P0", True),
    ],
)
def test_refunds_count_in_the_quarter_in_which_they_are_made(refunded_at: str, payment: str, *, paid: bool) -> None:
    story = _client()
    story.paid("L", "P1", "2025-10-05 10:00", "300000.00")
    story.refunded("L", "R1", payment, refunded_at, "0.50")
    assert bool(_quarter(story).lines) is paid


def test_how_much_is_missing_is_said() -> None:
    story = _client()
    story.paid("L", "P1", "2025-10-05 10:00", "250000.00")
    absence = _quarter(story).absences[0]
    assert absence.text == (
        "payments of 2025-Q4, net of refunds made in it, were 250000.00: 50000.00 below the threshold of 300000.00"
    )
    assert absence.details["missing"] == "50000.00"


@pytest.mark.parametrize(
    ("started", "older"),
    [("2025-09-30 23:59:59.999999", True), ("2025-10-01 00:00", False), ("2025-12-01 00:00", False)],
)
def test_older_means_start_and_three_months_before_the_end(started: str, *, older: bool) -> None:
    story = _client(started)
    story.paid("L", "P1", "2025-12-05 10:00", "300000.00")
    assert bool(_quarter(story).lines) is older


def test_other_currencies_do_not_count() -> None:
    story = _client()
    story.paid("L", "P1", "2025-10-05 10:00", "300000.00", currency="EUR")
    assert _quarter(story).lines == ()
    assert [item.reason_code for item in _quarter(story, currency="EUR").absences] == ["plan_in_other_currency"]


def test_the_owner_at_the_last_instant_is_paid_for_all_payments() -> None:
    story = _client()
    story.paid("L", "P1", "2025-10-05 10:00", "300000.00")
    story.owner("Gala", "L", "2025-12-31 23:59:59.999999", 1)
    story.owner("Vera", "L", "2026-01-01 00:00", 2)
    assert [line.employee_id for line in _quarter(story).lines] == [named("Gala")]


@pytest.mark.parametrize(("left_on", "paid"), [(date(2026, 1, 1), True), (date(2025, 12, 31), False)])
def test_who_left_before_the_last_instant_is_not_paid(left_on: date, *, paid: bool) -> None:
    story = _client()
    story.paid("L", "P1", "2025-10-05 10:00", "300000.00")
    found = _quarter(story, department=Department(employee("Vera", "am", "0301", left_on=left_on)))
    assert bool(found.lines) is paid
    if not paid:
        assert found.absences[0].text == (
            "nobody owned the client at account on 2025-12-31 23:59:59.999999: the owner had left and nobody took over"
        )


def test_a_client_who_paid_nothing_is_no_client() -> None:
    story = Story()
    story.accepted("Vera", "L", "2025-01-01 00:00", "H")
    assert [item.reason_code for item in _quarter(story).absences] == ["no_payment"]
