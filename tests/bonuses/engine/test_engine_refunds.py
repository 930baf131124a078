"""What refunds take back: the right share, once, in order, never more than was credited."""

import pytest

from tests.bonuses.engine.story import Department, Story, told


def _paid(amount: str = "100.00") -> Story:
    story = Story()
    story.accepted("Boris", "L", "2025-01-10 11:00", "M", deal="D")
    story.contract("L", "D", "C-1", "2025-01-15 12:00")
    story.paid("L", "P1", "2025-02-03 10:00", amount)
    story.paid("L", "P2", "2025-02-04 10:00", "0.10")
    return story


def _taken(story: Story) -> list[tuple[str, str, str]]:
    lines = Department().evaluate("ae", story.facts).lines
    return [(cause, day, amount) for _, cause, day, amount in told(lines) if cause.startswith("R")]


def test_the_rounded_share_so_far_minus_what_was_taken() -> None:
    """A line of two kopecks and three refunds of a third: one at the first, none at the second, one at the third."""
    story = _paid("0.15")
    for number in (1, 2, 3):
        story.refunded("L", f"R{number}", "P1", f"2025-03-0{number} 10:00", "0.05")
    assert _taken(story) == [("R1", "2025-03-01", "-0.01"), ("R3", "2025-03-03", "-0.01")]


def test_order_is_refunded_at_then_refund_id() -> None:
    story = _paid("0.15")
    story.refunded("L", "R9", "P1", "2025-03-01 10:00", "0.05")
    story.refunded("L", "R2", "P1", "2025-03-01 10:00", "0.10")
    assert _taken(story) == [("R2", "2025-03-01", "-0.01"), ("R9", "2025-03-01", "-0.01")]


def test_a_refund_dated_before_its_payment_counts_at_the_payment() -> None:
    story = _paid()
    story.refunded("L", "R1", "P1", "2025-01-31 10:00", "50.00")
    assert _taken(story) == [("R1", "2025-02-03", "-5.00")]


def test_the_excess_is_cut_in_order_and_reported() -> None:
    story = _paid()
    story.refunded("L", "R2", "P1", "2025-03-02 10:00", "60.00")
    story.refunded("L", "R1", "P1", "2025-03-01 10:00", "60.00")
    story.refunded("L", "R3", "P1", "2025-03-03 10:00", "1.00")
    assert _taken(story) == [("R1", "2025-03-01", "-6.00"), ("R2", "2025-03-02", "-4.00")]
    absences = Department().evaluate("ae", story.facts).absences
    reported = {item.cause_id: item for item in absences if item.reason_code == "refund_exceeds_payment"}
    assert {cause: item.details["excess"] for cause, item in reported.items()} == {"R2": "20.00", "R3": "1.00"}
    assert reported["R2"].text == "20.00 of it exceeds what was left of payment P1"


@pytest.mark.parametrize(
    ("refund", "payment", "currency", "code"),
    [
        ("R1", "P1", "EUR", "refund_in_other_currency"),
        ("R1", "P7", "RUB", "payment_unknown"),
    ],
)
def test_what_cannot_be_taken_is_reported(refund: str, payment: str, currency: str, code: str) -> None:
    story = _paid()
    story.refunded("L", refund, payment, "2025-03-01 10:00", "10.00", currency=currency)
    assert _taken(story) == []
    absences = Department().evaluate("ae", story.facts).absences
    assert [item.cause_id for item in absences if item.reason_code == code] == ["R1"]


def test_the_same_refund_id_at_another_source_is_another_refund() -> None:
    story = _paid()
    refund = story.refunded("L", "R1", "P1", "2025-03-01 10:00", "10.00")
    story.facts.append(refund)
    assert _taken(story) == [("R1", "2025-03-01", "-1.00")]


def test_a_refund_takes_back_from_whom_the_payment_credited() -> None:
    story = _paid()
    story.owner("Gleb", "L", "2025-02-20 00:00", 1, deal="D")
    story.refunded("L", "R1", "P1", "2025-03-01 10:00", "10.00")
    lines = Department().evaluate("ae", story.facts).lines
    assert len({line.employee_id for line in lines}) == 1


def test_a_refund_is_dated_by_the_local_day() -> None:
    story = _paid()
    story.refunded("L", "R1", "P1", "2025-02-28T21:00:00Z", "10.00")
    assert _taken(story) == [("R1", "2025-03-01", "-1.00")]
