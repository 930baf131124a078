"""What holds for components over a person's period: order, repetition, batching; splits; reversal leaves zero."""

import random
from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from conveyor.bonuses.engine.facts import PaymentFact
from conveyor.bonuses.engine.lines import Evaluation
from tests.bonuses.engine.published_plans import FLOWFUSE_SDR
from tests.bonuses.engine.story import ANNA, BORIS, VERA, Department, Story, employee, money, plan

START = datetime(2025, 3, 20, 21, 30)  # noqa: DTZ001 - a wall clock of the story
hours = st.integers(0, 24 * 60)
CLARA = employee("Clara", "ae", "0202")
AGE = {"by": "client_age", "from_months": 0}
TIERS = [{"until_value": "100.00", "rate": "0.07"}, {"from_value": "100.00", "rate": "0.13"}]
AE = plan(
    "ae",
    {
        "kind": "percent_of_payment",
        "code": "tiered",
        "selector": AGE,
        "limits": {"period": "month", "cap": money("500.00")},
        "tiers": {"mode": "marginal", "tiers": TIERS},
    },
    {
        "kind": "percent_of_payment",
        "code": "shared",
        "rate": "0.11",
        "selector": AGE,
        "split": [{"who": "credited", "weight": 2}, {"who": "first", "weight": 1}],
        "holdback": {"percent": 33, "days": 10},
    },
)


def _when(after_hours: int) -> str:
    return (START + timedelta(hours=after_hours)).isoformat(" ")


def _shuffled(story: Story, seed: int) -> Story:
    told = Story()
    told.facts = story.facts * 2
    random.Random(seed).shuffle(told.facts)  # noqa: S311 - a repeatable shuffle, no secret
    return told


def _paid(story: Story) -> list[PaymentFact]:
    return [fact for fact in story.facts if isinstance(fact, PaymentFact)]


def _ae(story: Story) -> Evaluation:
    return Department(ANNA, BORIS, VERA, CLARA, plan=AE).evaluate("ae", story.facts, through="2025-07")


@st.composite
def meetings(draw: st.DrawFn) -> Story:
    story = Story()
    for number, (booked, held, missed, accepted) in enumerate(
        draw(st.lists(st.tuples(hours, st.none() | hours, st.booleans(), st.booleans()), max_size=16))
    ):
        lead, meeting = f"L{number}", f"M{number}"
        story.booked("Anna", lead, _when(booked), meeting)
        if accepted:
            story.accepted("Boris", lead, _when(booked), meeting, deal=f"D{number}")
        if held is not None:
            story.held(lead, meeting, _when(booked + held))
        if missed:
            story.withdrawn("meeting_missed", meeting, _when(booked + 1))
    return story


@given(meetings(), st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_the_nth_meeting_of_each_month_whatever_the_order(story: Story, seed: int) -> None:
    department = Department(plan=FLOWFUSE_SDR, currency="USD")
    lines = department.evaluate("sdr", story.facts, through="2025-08").lines
    again = department.evaluate("sdr", _shuffled(story, seed).facts, through="2025-08").lines
    assert again == lines
    per_month = Counter((line.earned_on.year, line.earned_on.month) for line in lines)
    expected = sum(min(3818 * number, 50000) for count in per_month.values() for number in range(1, count + 1))
    assert sum(line.amount.amount_minor for line in lines) == expected


@st.composite
def payments(draw: st.DrawFn) -> Story:
    story = Story()
    for lead in ("L0", "L1"):
        story.accepted("Boris", lead, _when(0), f"H{lead}", deal=f"D{lead}")
        if draw(st.booleans()):
            story.owner("Clara", lead, _when(draw(hours)), 1, deal=f"D{lead}")
    found = draw(st.lists(st.tuples(st.sampled_from(["L0", "L1"]), hours, st.integers(1, 90_000)), max_size=6))
    for number, (lead, when, minor) in enumerate(found):
        story.paid(lead, f"P{number}", _when(when), f"{minor // 100}.{minor % 100:02d}")
    return story


@given(payments(), st.integers(0, 99), st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_refunding_everything_in_two_parts_leaves_zero(story: Story, seed: int, first_percent: int) -> None:
    before = _ae(story)
    assert _ae(_shuffled(story, seed)) == before
    for number, payment in enumerate(_paid(story)):
        minor = payment.amount.amount_minor
        part = minor * first_percent // 100
        lead = next(name for name in ("L0", "L1") if payment.lead_id == story.lead_id(name))
        for name, taken in (("a", part), ("b", minor - part)):
            if taken:
                text = f"{taken // 100}.{taken % 100:02d}"
                story.refunded(lead, f"R{number}{name}", payment.payment_id, _when(24 * 70), text)
    left: Counter[tuple[str, object]] = Counter()
    for line in _ae(story).lines:
        left[line.component, line.employee_id] += line.amount.amount_minor
    assert set(left.values()) <= {0}


@given(payments())
@settings(max_examples=100, deadline=None)
def test_parts_sum_to_the_whole(story: Story) -> None:
    by_payment: Counter[str] = Counter()
    for line in _ae(story).lines:
        if line.component == "shared":
            by_payment[line.cause_id] += line.amount.amount_minor
    for payment in _paid(story):
        exact = payment.amount.amount_minor * 11
        assert by_payment[payment.payment_id] == (2 * exact + 100) // 200
