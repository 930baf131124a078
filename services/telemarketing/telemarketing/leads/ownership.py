"""Who owns a lead when. Pure.

A lead is assigned to people one after another. When an assigned employee leaves, his successor owns the lead from
00:00 of the leaving day (and the successor's successor, if he is gone by then); without one, nobody does and the queue
may give the lead away. Deriving it from
assignments and leaves makes it independent of the order in which both are learnt.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Assigned:
    """From `from_at` on the lead is `employee_id`'s, or nobody's. Later ones of the same instant stand."""

    employee_id: UUID | None
    from_at: datetime


@dataclass(frozen=True, slots=True)
class Leave:
    """An employee owns nothing from `at` on."""

    at: datetime
    successor_id: UUID | None


@dataclass(frozen=True, slots=True)
class Owned:
    """`employee_id` owns the lead in `[from_at, until_at)`; without end while it is his."""

    employee_id: UUID
    from_at: datetime
    until_at: datetime | None


def ownership(assigned: Sequence[Assigned], leaves: Mapping[UUID, Leave]) -> list[Owned]:
    """The intervals of ownership, oldest first, neighbours of one employee joined. `assigned` in order of recording."""
    ordered = sorted(assigned, key=lambda one: one.from_at)
    intervals: list[Owned] = []
    for one, later in zip_longest(ordered, ordered[1:]):
        end = None if later is None else later.from_at
        if one.employee_id is None or one.from_at == end:
            continue
        for piece in _through_successors(Owned(one.employee_id, one.from_at, end), leaves):
            last = intervals[-1] if intervals else None
            if last is not None and (last.employee_id, last.until_at) == (piece.employee_id, piece.from_at):
                intervals[-1] = Owned(piece.employee_id, last.from_at, piece.until_at)
            else:
                intervals.append(piece)
    return intervals


def owner_at(intervals: Sequence[Owned], instant: datetime) -> UUID | None:
    """Who owns the lead at this instant."""
    for one in intervals:
        if one.from_at <= instant and (one.until_at is None or instant < one.until_at):
            return one.employee_id
    return None


def changes_after(intervals: Sequence[Owned], instant: datetime) -> datetime | None:
    """The next instant at which the owner may be another one; None when nothing is to come."""
    coming = [edge for one in intervals for edge in (one.from_at, one.until_at) if edge is not None and edge > instant]
    return min(coming, default=None)


def _through_successors(whole: Owned, leaves: Mapping[UUID, Leave]) -> Iterator[Owned]:
    employee_id: UUID | None = whole.employee_id
    from_at = whole.from_at
    seen: set[UUID] = set()
    while employee_id is not None and employee_id not in seen:
        seen.add(employee_id)
        leave = leaves.get(employee_id)
        if leave is None or (whole.until_at is not None and whole.until_at <= leave.at):
            yield Owned(employee_id, from_at, whole.until_at)
            return
        if from_at < leave.at:
            yield Owned(employee_id, from_at, leave.at)
            from_at = leave.at
        employee_id = leave.successor_id
