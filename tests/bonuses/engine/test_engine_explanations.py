"""Every line can be computed again from its explanation, and names the facts and deliveries behind it."""

from dataclasses import replace

import pytest

from conveyor.bonuses.engine.lines import Line
from tests.bonuses.engine.golden import golden_quarter
from tests.bonuses.engine.recomputed import recomputed_minor
from tests.bonuses.engine.story import ROLES, Department, Story, named


def _golden_lines() -> list[Line]:
    facts = golden_quarter().facts
    return [line for role in ROLES for line in Department().evaluate(role, facts, through="2025-12").lines]


@pytest.mark.parametrize("line", _golden_lines(), ids=lambda line: f"{line.role}-{line.component}-{line.cause_id}")
def test_the_golden_lines_are_computed_again(line: Line) -> None:
    assert recomputed_minor(line) == line.amount.amount_minor


def _line(role: str, component: str, cause_id: str) -> Line:
    return next(
        line for line in _golden_lines() if (line.role, line.component, line.cause_id) == (role, component, cause_id)
    )


def test_a_refund_names_its_delivery_and_that_of_the_payment() -> None:
    inputs = _line("am", "new_client", "R1").explanation.inputs
    assert [item["delivery_id"] for item in inputs if "delivery_id" in item] == [
        str(named("delivery of P2")),
        str(named("delivery of R1")),
    ]


@pytest.mark.parametrize(
    ("reference", "kept"),
    [
        (("contract", "C-1"), ["contract", "C-1"]),
        (("email", "aglaya@romashka.example"), ["email", None]),
        (("inn", "500100732259"), ["inn", None]),
    ],
)
def test_the_ledger_which_never_forgets_is_told_no_name_of_a_person(
    reference: tuple[str, str], kept: list[str | None]
) -> None:
    story = Story()
    story.accepted("Boris", "L", "2025-01-10 11:00", "M", deal="D")
    story.facts.append(replace(story.paid("L", "P1", "2025-02-03 10:00", "100.00"), reference=reference))
    del story.facts[-2]

    (line,) = Department().evaluate("ae", story.facts, through="2025-02").lines

    assert line.explanation.inputs[0]["reference"] == kept
    assert reference[1] not in str(line.explanation) or reference[0] == "contract"


def test_the_steps_in_words() -> None:
    steps = [step.text for step in _line("sdr", "client_paid", "R1").explanation.steps]
    assert steps == [
        "0.03 of 100000.00 RUB is 300000 in minor units",
        "rounded half up to the minor unit: 300000",
        "of the cap per client earlier lines left 900000",
        "which is not below zero: 900000",
        "the line is at most that: 300000",
        "line × 5000000 refunded so far: 1500000000000",
        "÷ payment: 150000",
        "rounded half up: 150000",
        "line × 0 refunded before: 0",
        "÷ payment: 0",
        "rounded half up: 0",
        "this refund takes 150000",
        "the line: -150000",
    ]


def test_a_gated_line_names_its_facts_and_the_norm() -> None:
    said = _line("sdr", "letter_general", "2025-09").explanation.to_json()
    month = said["inputs"][0]
    assert (month["count"], month["successful_calls"], month["working_days"]) == (3, 495, 22)
    assert len({fact["fact_id"] for fact in month["facts"]}) == 3
    assert said["what_would_change"][0] == "495 more successful calls in the month would pay the full sum"


def test_retention_names_its_payments_and_refunds() -> None:
    said = _line("am", "quarterly_retention", "2025-Q4").explanation.to_json()
    quarter = said["inputs"][0]
    assert [item["payment_id"] for item in quarter["payments"]] == ["P3", "P4", "P5", "P6"]
    assert [item["refund_id"] for item in quarter["refunds"]] == ["R1"]
    assert quarter["paid_minor"] - quarter["refunded_minor"] == 51_000_000


def test_a_line_cut_by_the_cap_and_the_third_of_three_refunds() -> None:
    story = Story()
    story.booked("Anna", "L", "2025-01-10 10:00", "M")
    story.accepted("Boris", "L", "2025-01-10 11:00", "M", deal="D")
    story.paid("L", "P1", "2025-02-03 10:00", "499999.83")
    story.paid("L", "P2", "2025-02-04 10:00", "10.00")
    for number, amount in enumerate(("3.33", "3.33", "9.99"), start=1):
        story.refunded("L", f"R{number}", "P2", f"2025-03-0{number} 10:00", amount)
    lines = Department().evaluate("sdr", story.facts).lines
    shares = {line.cause_id: line for line in lines if line.component == "client_paid"}
    assert {cause: line.amount.text for cause, line in shares.items()} == {
        "P1": "14999.99",
        "P2": "0.01",
        "R2": "-0.01",
    }
    for line in shares.values():
        assert recomputed_minor(line) == line.amount.amount_minor
