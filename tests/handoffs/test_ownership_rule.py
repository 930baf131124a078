"""Owner intervals from changes and departures."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyor.handoffs.ownership.rules import Departure, Interval, OwnerChange, owner_intervals

A, B, C = (UUID(int=number) for number in (1, 2, 3))
START = datetime(2025, 9, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def change(revision: int, owner: UUID, on: int) -> OwnerChange:
    return OwnerChange(revision=revision, employee_id=owner, from_at=day(on))


CASES: list[tuple[str, list[OwnerChange], dict[UUID, Departure], list[Interval]]] = [
    ("nobody", [], {}, []),
    ("one owner", [change(1, A, 0)], {}, [Interval(A, day(0), None)]),
    (
        "a move recorded late for an earlier day",
        [change(1, A, 0), change(2, C, 5), change(3, B, 2)],
        {},
        [Interval(A, day(0), day(2)), Interval(B, day(2), day(5)), Interval(C, day(5), None)],
    ),
    ("the later of two for one moment", [change(1, A, 0), change(2, B, 0)], {}, [Interval(B, day(0), None)]),
    (
        "a successor",
        [change(1, A, 0)],
        {A: Departure(day(3), B)},
        [Interval(A, day(0), day(3)), Interval(B, day(3), None)],
    ),
    (
        "the successor's successor",
        [change(1, A, 0)],
        {A: Departure(day(3), B), B: Departure(day(4), C)},
        [Interval(A, day(0), day(3)), Interval(B, day(3), day(4)), Interval(C, day(4), None)],
    ),
    (
        "a successor who left before him",
        [change(1, A, 0)],
        {A: Departure(day(3), B), B: Departure(day(1), C)},
        [Interval(A, day(0), day(3)), Interval(C, day(3), None)],
    ),
    (
        "no successor leaves a vacancy",
        [change(1, A, 0), change(2, C, 9)],
        {A: Departure(day(3), None)},
        [Interval(A, day(0), day(3)), Interval(None, day(3), day(9), left_by=A), Interval(C, day(9), None)],
    ),
    (
        "successors in a ring leave a vacancy",
        [change(1, A, 0)],
        {A: Departure(day(3), B), B: Departure(day(3), A)},
        [Interval(A, day(0), day(3)), Interval(None, day(3), None, left_by=B)],
    ),
    (
        "a departure after the next change moves nothing",
        [change(1, A, 0), change(2, C, 2)],
        {A: Departure(day(3), B)},
        [Interval(A, day(0), day(2)), Interval(C, day(2), None)],
    ),
    ("gone before he got it", [change(1, A, 5)], {A: Departure(day(3), B)}, [Interval(B, day(5), None)]),
]


@pytest.mark.parametrize(("changes", "departures", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_intervals(changes: list[OwnerChange], departures: dict[UUID, Departure], expected: list[Interval]) -> None:
    assert owner_intervals(changes, departures) == expected


OWNERS = st.sampled_from([A, B, C])
CHANGES = st.lists(st.tuples(OWNERS, st.integers(0, 9)), min_size=1, max_size=6).map(
    lambda rows: [change(number, owner, on) for number, (owner, on) in enumerate(rows, start=1)]
)
DEPARTURES = st.dictionaries(OWNERS, st.builds(Departure, st.integers(0, 9).map(day), st.none() | OWNERS))


@given(CHANGES, DEPARTURES, st.randoms())
def test_intervals_cover_everything_from_the_first_change_once_in_any_order(
    changes: list[OwnerChange], departures: dict[UUID, Departure], random: Random
) -> None:
    intervals = owner_intervals(changes, departures)
    shuffled = list(changes)
    random.shuffle(shuffled)

    assert owner_intervals(shuffled, departures) == intervals
    assert intervals[0].from_at == min(one.from_at for one in changes)
    assert intervals[-1].until is None
    assert all(before.until == after.from_at for before, after in pairwise(intervals))


@given(CHANGES, DEPARTURES)
def test_nobody_owns_anything_after_he_left(changes: list[OwnerChange], departures: dict[UUID, Departure]) -> None:
    for interval in owner_intervals(changes, departures):
        left = departures.get(interval.employee_id) if interval.employee_id else None
        assert left is None or (interval.until is not None and interval.until <= left.left_at)
