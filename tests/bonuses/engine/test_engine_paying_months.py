"""Which payments are the first, the second, or none; by business date, net of every known refund."""

import pytest

from conveyor.bonuses.engine.lines import Evaluation
from tests.bonuses.engine.story import Department, Story, named, told


def _client(story: Story) -> Story:
    story.booked("Anna", "L", "2025-01-10 10:00", "M")
    story.accepted("Boris", "L", "2025-01-10 11:00", "M", deal="D")
    story.contract("L", "D", "C-1", "2025-01-15 12:00")
    return story


def _boris(story: Story) -> Evaluation:
    return Department().evaluate("ae", story.facts)


def _paid(*payments: tuple[str, str]) -> Story:
    story = _client(Story())
    for number, (when, amount) in enumerate(payments, start=1):
        story.paid("L", f"P{number}", when, amount)
    return story


def test_instalments_of_the_first_month_are_all_first_payment() -> None:
    lines = _boris(_paid(("2025-02-03 10:00", "100.00"), ("2025-02-28 23:59", "50.00"))).lines
    assert told(lines) == [
        ("first_payment", "P1", "2025-02-03", "10.00"),
        ("first_payment", "P2", "2025-02-28", "5.00"),
    ]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("2025-02-28T20:59:59Z", ("first_payment", "10.00")),
        ("2025-02-28T21:00:00Z", ("second_payment", "5.00")),
        ("2025-03-31T20:59:59Z", ("second_payment", "5.00")),
    ],
)
def test_months_change_at_local_midnight(second: str, expected: tuple[str, str]) -> None:
    lines = _boris(_paid(("2025-02-03 10:00", "100.00"), (second, "100.00"))).lines
    assert [(line.component, line.amount.text) for line in lines if line.cause_id == "P2"] == [expected]


def test_a_pause_of_a_month_means_no_second_payment() -> None:
    found = _boris(_paid(("2025-02-03 10:00", "100.00"), ("2025-04-01 00:00", "100.00")))
    assert [line.cause_id for line in found.lines] == ["P1"]
    absences = {item.component: item for item in found.absences if item.cause_id == "P2"}
    assert {item.reason_code for item in absences.values()} == {"pause_of_a_month"}
    assert absences["second_payment"].text == (
        "April is not the month after February, the first paying month; "
        "after a pause of a month there is no second payment"
    )


def test_december_is_followed_by_january() -> None:
    lines = _boris(_paid(("2025-12-31 23:59", "100.00"), ("2026-01-01 00:00", "100.00"))).lines
    assert [line.component for line in lines] == ["first_payment", "second_payment"]


def test_a_wholly_refunded_month_is_none_and_the_next_becomes_the_first() -> None:
    story = _paid(("2025-02-03 10:00", "100.00"), ("2025-03-03 10:00", "200.00"), ("2025-04-03 10:00", "300.00"))
    story.refunded("L", "R1", "P1", "2025-06-01 10:00", "100.00")
    found = _boris(story)
    assert told(found.lines) == [
        ("first_payment", "P2", "2025-03-03", "20.00"),
        ("second_payment", "P3", "2025-04-03", "15.00"),
    ]
    absent = [item for item in found.absences if item.cause_id == "P1" and item.component == "first_payment"]
    assert [item.reason_code for item in absent] == ["month_wholly_refunded"]
    assert absent[0].text == "everything paid in February was refunded; such a month is no paying month"


def test_a_wholly_refunded_second_month_is_a_pause() -> None:
    story = _paid(("2025-02-03 10:00", "100.00"), ("2025-03-03 10:00", "200.00"), ("2025-04-03 10:00", "300.00"))
    story.refunded("L", "R1", "P2", "2025-03-04 10:00", "200.00")
    found = _boris(story)
    assert [(line.component, line.cause_id) for line in found.lines] == [("first_payment", "P1")]
    codes = {(item.cause_id, item.reason_code) for item in found.absences}
    assert codes == {
        ("P1", "not_paying_month"),
        ("P2", "month_wholly_refunded"),
        ("P3", "pause_of_a_month"),
    }


def test_a_wholly_refunded_payment_in_a_paying_month_leaves_zero() -> None:
    story = _paid(("2025-02-03 10:00", "100.00"), ("2025-02-04 10:00", "200.00"))
    story.refunded("L", "R1", "P1", "2025-05-01 10:00", "100.00")
    assert told(_boris(story).lines) == [
        ("first_payment", "P1", "2025-02-03", "10.00"),
        ("first_payment", "P2", "2025-02-04", "20.00"),
        ("first_payment", "R1", "2025-05-01", "-10.00"),
    ]


def test_an_earlier_payment_that_comes_late_moves_the_months() -> None:
    story = _paid(("2025-03-03 10:00", "100.00"), ("2025-04-03 10:00", "100.00"), ("2025-02-03 10:00", "100.00"))
    assert told(_boris(story).lines) == [
        ("first_payment", "P3", "2025-02-03", "10.00"),
        ("second_payment", "P1", "2025-03-03", "5.00"),
    ]


def test_paying_months_are_counted_per_deal() -> None:
    story = _paid(("2025-02-03 10:00", "100.00"))
    story.accepted("Boris", "L", "2025-05-01 10:00", "upsell", deal="D2", from_stage="account")
    story.contract("L", "D2", "C-2", "2025-05-02 12:00", ("invoice", "I-9"))
    story.paid("L", "P8", "2025-06-01 10:00", "100.00", contract="C-2")
    story.paid("L", "P9", "2025-07-01 10:00", "100.00", contract="C-2")
    assert told(_boris(story).lines) == [
        ("first_payment", "P1", "2025-02-03", "10.00"),
        ("first_payment", "P8", "2025-06-01", "10.00"),
        ("second_payment", "P9", "2025-07-01", "5.00"),
    ]


@pytest.mark.parametrize(
    ("when", "reference", "deal"),
    [
        ("2025-09-01 10:00", "C-1", "D"),
        ("2025-01-20 10:00", "C-2", "D2"),
        ("2025-01-15 11:59", "?", "D"),
        ("2025-05-02 11:59", "?", "D"),
        ("2025-05-02 12:00", "?", "D2"),
    ],
)
def test_the_deal_of_a_payment(when: str, reference: str, deal: str) -> None:
    """By reference; else by the contract signed last at or before it; else by the earliest contract."""
    story = _client(Story())
    story.accepted("Gleb", "L", "2025-01-10 11:00", "upsell", deal="D2", from_stage="account")
    story.contract("L", "D2", "C-2", "2025-05-02 12:00")
    story.paid("L", "P1", when, "100.00", contract=reference)
    found = _boris(story)
    explained = [line.explanation.inputs[0]["deal_id"] for line in found.lines]
    refused = {item.reason_code for item in found.absences if item.component is None}
    assert (explained, refused) == (([str(named("deal D"))], set()) if deal == "D" else ([], {"plan_not_assigned"}))


def test_without_a_contract_the_payment_belongs_to_the_earliest_deal() -> None:
    story = Story()
    story.accepted("Boris", "L", "2025-01-10 11:00", "M", deal="D")
    story.paid("L", "P1", "2025-02-03 10:00", "100.00")
    assert told(_boris(story).lines) == [("first_payment", "P1", "2025-02-03", "10.00")]


def test_without_any_deal_nobody_is_paid_and_the_reason_says_so() -> None:
    story = Story()
    story.paid("L", "P1", "2025-02-03 10:00", "100.00")
    found = _boris(story)
    assert found.lines == ()
    assert [item.reason_code for item in found.absences] == ["no_deal"]


def test_another_currency_is_paid_in_itself() -> None:
    story = _client(Story())
    story.paid("L", "P1", "2025-02-03 10:00", "100.05", currency="EUR")
    line = _boris(story).lines[0]
    assert (line.amount.text, line.amount.currency) == ("10.01", "EUR")
