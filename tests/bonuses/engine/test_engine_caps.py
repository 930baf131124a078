"""The cap per client: filled by gross lines in the order (paid_at, payment id as text); refunds do not free it."""

from tests.bonuses.engine.story import Department, Story, told


def _client() -> Story:
    story = Story()
    story.booked("Anna", "L", "2025-01-10 10:00", "M")
    story.accepted("Boris", "L", "2025-01-10 11:00", "M", deal="D")
    story.contract("L", "D", "C-1", "2025-01-15 12:00")
    return story


def _shares(story: Story) -> list[tuple[str, str]]:
    lines = Department().evaluate("sdr", story.facts).lines
    return [(cause, amount) for component, cause, _, amount in told(lines) if component == "client_paid"]


def test_the_last_line_gets_what_is_left_and_later_ones_nothing() -> None:
    story = _client()
    story.paid("L", "P1", "2025-02-03 10:00", "400000.00")
    story.paid("L", "P2", "2025-02-04 10:00", "400000.00")
    story.paid("L", "P3", "2025-02-05 10:00", "400000.00")
    assert _shares(story) == [("P1", "12000.00"), ("P2", "3000.00")]
    absences = Department().evaluate("sdr", story.facts).absences
    exhausted = [item for item in absences if item.reason_code == "cap_exhausted"]
    assert [(item.cause_id, item.component) for item in exhausted] == [("P3", "client_paid")]
    assert exhausted[0].text == "the cap of 15000.00 per client is exhausted by earlier payments"


def test_payments_of_one_instant_fill_it_in_order_of_their_ids_as_text() -> None:
    story = _client()
    story.paid("L", "9", "2025-02-03 10:00", "400000.00")
    story.paid("L", "10", "2025-02-03 10:00", "400000.00")
    assert _shares(story) == [("10", "12000.00"), ("9", "3000.00")]


def test_refunds_do_not_free_it_and_take_their_share_of_the_cut_line() -> None:
    story = _client()
    story.paid("L", "P1", "2025-02-03 10:00", "400000.00")
    story.paid("L", "P2", "2025-02-04 10:00", "400000.00")
    story.refunded("L", "R1", "P1", "2025-02-03 11:00", "400000.00")
    story.refunded("L", "R2", "P2", "2025-03-03 11:00", "200000.00")
    assert _shares(story) == [("P1", "12000.00"), ("P2", "3000.00"), ("R1", "-12000.00"), ("R2", "-1500.00")]


def test_another_currency_neither_fills_it_nor_is_cut() -> None:
    story = _client()
    story.paid("L", "E1", "2025-02-03 10:00", "900000.00", currency="EUR")
    story.paid("L", "P1", "2025-02-04 10:00", "600000.00")
    assert _shares(story) == [("E1", "27000.00"), ("P1", "15000.00")]


def test_a_share_that_rounds_to_zero_is_said() -> None:
    story = _client()
    story.paid("L", "P1", "2025-02-03 10:00", "0.10")
    found = Department().evaluate("sdr", story.facts)
    assert [item.reason_code for item in found.absences] == ["rounds_to_zero"]
