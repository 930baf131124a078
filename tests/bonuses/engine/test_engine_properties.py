"""What holds for any facts: order and repetition do not matter, refunds never exceed the line, caps hold."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from conveyor.bonuses.engine.fact_set import AnyFact
from conveyor.bonuses.engine.facts import PaymentFact, RefundFact
from conveyor.bonuses.engine.lines import Evaluation, Line
from tests.bonuses.engine.recomputed import recomputed_minor
from tests.bonuses.engine.story import ROLES, Department, Story, rub

START = datetime(2025, 1, 31, 20, 30)  # noqa: DTZ001 - a wall clock of the story
CAP_MINOR = 1_500_000

hours = st.integers(0, 24 * 300)
kopecks = st.integers(1, 60_000_000)


def _when(after_hours: int) -> str:
    return (START + timedelta(hours=after_hours)).isoformat(" ")


@st.composite
def stories(draw: st.DrawFn) -> Story:
    story = Story()
    for deal in range(draw(st.integers(1, 2))):
        opened = draw(hours)
        story.booked("Anna", "L", _when(opened), f"M{deal}")
        story.accepted("Boris", "L", _when(opened), f"M{deal}", deal=f"D{deal}")
        if draw(st.booleans()):
            story.contract("L", f"D{deal}", f"C{deal}", _when(draw(hours)))
    story.accepted("Vera", "L", _when(draw(hours)), "to account")
    payments = draw(st.lists(st.tuples(hours, kopecks, st.sampled_from(["C0", "C1", "?"])), max_size=6))
    for number, (when, amount, contract) in enumerate(payments):
        money = f"{amount // 100}.{amount % 100:02d}"
        story.paid("L", f"P{number}", _when(when), money, contract=contract)
        parts = draw(st.lists(st.tuples(hours, st.integers(1, amount)), max_size=3))
        for part, (refunded, minor) in enumerate(parts):
            text = f"{minor // 100}.{minor % 100:02d}"
            story.refunded("L", f"R{number}-{part}", f"P{number}", _when(refunded), text)
        if draw(st.booleans()):
            story.refunded("L", f"R{number}-all", f"P{number}", _when(24 * 400), money)
    if draw(st.booleans()):
        story.withdrawn("meeting_missed", "M0", _when(draw(hours)))
    return story


def _evaluated(facts: list[AnyFact]) -> dict[str, Evaluation]:
    return {role: Department().evaluate(role, facts) for role in ROLES}


def _texts(evaluations: dict[str, Evaluation]) -> list[str]:
    return [absence.text for evaluation in evaluations.values() for absence in evaluation.absences]


@given(stories(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_order_and_repetition_do_not_matter(story: Story, shuffler: object) -> None:
    told = list(story.facts)
    again = told * 2
    shuffler.shuffle(again)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert _evaluated(again) == _evaluated(told)
    assert _texts(_evaluated(again)) == _texts(_evaluated(told))


def _of_payment(story: Story, lines: tuple[Line, ...]) -> dict[tuple[str, str], list[int]]:
    """Component and payment → the payment's line and what its refunds take, in the order told."""
    payment_of = {
        f"refund:bank:{fact.refund_id}": fact.payment_id for fact in story.facts if isinstance(fact, RefundFact)
    }
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for line in lines:
        kind = line.cause.partition(":")[0]
        if kind in {"payment", "refund"}:
            payment_id = payment_of.get(line.cause, line.cause_id)
            found[line.component, payment_id].append(line.amount.amount_minor)
    return found


@given(stories())
@settings(max_examples=150, deadline=None)
def test_refunds_take_back_at_most_the_line_and_all_of_it_when_all_was_refunded(story: Story) -> None:
    refunded: dict[str, int] = defaultdict(int)
    paid: dict[str, int] = {}
    for fact in story.facts:
        if isinstance(fact, PaymentFact):
            paid[fact.payment_id] = fact.amount.amount_minor
        elif isinstance(fact, RefundFact):
            refunded[fact.payment_id] += fact.amount.amount_minor
    for evaluation in _evaluated(story.facts).values():
        for (_, payment_id), (line, *taken) in _of_payment(story, evaluation.lines).items():
            assert line > 0
            assert all(amount < 0 for amount in taken)
            assert line + sum(taken) >= 0
            if refunded[payment_id] >= paid[payment_id]:
                assert line + sum(taken) == 0


@given(stories())
@settings(max_examples=100, deadline=None)
def test_invariants_of_lines(story: Story) -> None:
    for evaluation in _evaluated(story.facts).values():
        keys = [line.key for line in evaluation.lines]
        assert len(keys) == len(set(keys))
        assert all(line.amount for line in evaluation.lines)
        for line in evaluation.lines:
            assert recomputed_minor(line) == line.amount.amount_minor
        gross = [
            line for line in evaluation.lines if line.component == "client_paid" and line.cause.startswith("payment:")
        ]
        assert sum(line.amount.amount_minor for line in gross) <= CAP_MINOR


@given(kopecks, st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_any_split_of_a_whole_refund_takes_exactly_the_line(amount: int, weights: list[int]) -> None:
    cuts = sorted({amount * sum(weights[: index + 1]) // sum(weights) for index in range(len(weights))} | {0})
    story = Story()
    story.accepted("Boris", "L", "2025-01-10 11:00", "M", deal="D")
    story.paid("L", "P0", "2025-02-01 10:00", "1.00")
    story.paid("L", "P1", "2025-02-01 11:00", f"{amount // 100}.{amount % 100:02d}")
    for number, (before, after) in enumerate(pairwise(cuts)):
        part = after - before
        story.refunded("L", f"R{number}", "P1", f"2025-03-0{number + 1} 10:00", f"{part // 100}.{part % 100:02d}")
    lines = Department().evaluate("ae", story.facts).lines
    assert sum((line.amount for line in lines), rub("0.00")) == rub("0.10")
