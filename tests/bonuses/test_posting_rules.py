"""Differences, payable selections and parts: pure rules."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyor.bonuses.engine.explanation import Explanation
from conveyor.bonuses.engine.lines import Line, LineKey
from conveyor.bonuses.ledger.rules import Accrual, Posted, Posting, Reversal, differences, period_for
from conveyor.kit.calendar import Month
from conveyor.kit.ids import new_id
from conveyor.kit.money import Money
from tests.bonuses.department import id_of


class Unasked:
    """A reason that nobody asks for."""

    def explanation(self) -> Explanation:
        raise AssertionError


def line(cause: str, amount_minor: int, *, day: int = 1) -> Line:
    return Line(
        role="ae",
        component="first_payment",
        plan_code="ae-standard",
        plan_version=1,
        employee_id=id_of("Boris"),
        lead_id=id_of("L1"),
        cause=cause,
        cause_id=cause,
        earned_on=date(2025, 9, day),
        amount=Money(amount_minor, "RUB"),
        timing="at_once",
        reason=Unasked(),
    )


def posted(entries: list[Posted], postings: Iterable[Posting]) -> list[Posted]:
    """The entries with these postings, as the journal would hold them."""
    for posting in postings:
        number = len(entries) + 1
        if isinstance(posting, Reversal):
            entry = replace(
                posting.entry,
                entry_id=new_id(),
                journal_no=number,
                kind="reversal",
                reverses=posting.entry.entry_id,
                revision=posting.revision,
                amount_minor=-posting.entry.amount_minor,
            )
        else:
            entry = _accrued(posting, number)
        entries = [*entries, entry]
    return entries


def _accrued(posting: Accrual, number: int) -> Posted:
    item = posting.line
    return Posted(
        entry_id=new_id(),
        journal_no=number,
        role=item.role,
        component=item.component,
        plan_code=item.plan_code,
        plan_version=item.plan_version,
        cause=item.cause,
        cause_id=item.cause_id,
        lead_id=item.lead_id,
        employee_id=item.employee_id,
        earned_on=item.earned_on,
        kind=posting.kind,
        reverses=None,
        revision=posting.revision,
        amount_minor=item.amount.amount_minor,
        currency=item.amount.currency,
    )


def nets(entries: Iterable[Posted]) -> dict[LineKey, int]:
    sums: dict[LineKey, int] = {}
    for entry in entries:
        sums[entry.key] = sums.get(entry.key, 0) + entry.amount_minor
    return {key: amount for key, amount in sums.items() if amount}


amounts = st.integers(-5, 5).filter(bool)
worlds = st.lists(st.dictionaries(st.sampled_from("abcd"), st.tuples(amounts, st.integers(1, 3))), max_size=6)


@given(worlds)
def test_whatever_changes_the_ledger_follows(worlds: list[dict[str, tuple[int, int]]]) -> None:
    entries: list[Posted] = []
    for world in worlds:
        desired = [line(cause, amount, day=day) for cause, (amount, day) in world.items()]
        entries = posted(entries, differences(desired=desired, posted=entries))
        assert nets(entries) == {item.key: item.amount.amount_minor for item in desired}
        assert differences(desired=desired, posted=entries) == []
    reversed_ids = [entry.reverses for entry in entries if entry.reverses]
    assert len(reversed_ids) == len(set(reversed_ids))
    assert len({(entry.key, entry.revision) for entry in entries}) == len(entries)


@pytest.mark.parametrize(
    ("earned_on", "closed", "period"),
    [
        (date(2025, 9, 22), None, "2025-09"),
        (date(2025, 9, 22), Month(2025, 8), "2025-09"),
        (date(2025, 9, 22), Month(2025, 9), "2025-10"),
        (date(2025, 9, 22), Month(2025, 12), "2026-01"),
    ],
)
def test_period_of_an_entry(earned_on: date, closed: Month | None, period: str) -> None:
    assert str(period_for(earned_on, closed_through=closed)) == period
