"""From recorded changes and the roster's departures to intervals. Pure: no clock, no I/O, no order of arrival.

A change holds until the next one by (`from_at`, `revision`). Within it, from 00:00 of `left_on` the owner is the
leaver's successor, and the successor's successor after him; without one the thing is vacant from then on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OwnedThing:
    """A deal or a client; a client's `thing_id` is its lead's."""

    thing_id: UUID
    lead_id: UUID


@dataclass(frozen=True, slots=True)
class OwnerChange:
    """From `from_at` on it belongs to `employee_id`."""

    revision: int
    employee_id: UUID
    from_at: datetime


@dataclass(frozen=True, slots=True)
class Departure:
    """An employee owns nothing from `left_at` (00:00 of his `left_on`)."""

    left_at: datetime
    successor_id: UUID | None


@dataclass(frozen=True, slots=True)
class Interval:
    """`[from_at, until)`; `until` None is open-ended. `employee_id` None is a vacancy that `left_by` caused."""

    employee_id: UUID | None
    from_at: datetime
    until: datetime | None
    left_by: UUID | None = None


def owner_intervals(changes: Iterable[OwnerChange], departures: Mapping[UUID, Departure]) -> list[Interval]:
    """Owned intervals and vacancies, oldest first, none empty."""
    ordered = sorted(changes, key=lambda change: (change.from_at, change.revision))
    return [
        interval
        for change, after in zip_longest(ordered, ordered[1:])
        for interval in _followed(change, after.from_at if after else None, departures)
        if interval.until is None or interval.from_at < interval.until
    ]


def _followed(change: OwnerChange, until: datetime | None, departures: Mapping[UUID, Departure]) -> Iterator[Interval]:
    """The change's stretch, handed from leaver to successor; a ring of successors leaves it vacant."""
    owner, begins, seen = change.employee_id, change.from_at, {change.employee_id}
    while (departure := departures.get(owner)) and (until is None or departure.left_at < until):
        passes_at = max(begins, departure.left_at)
        yield Interval(owner, begins, passes_at)
        begins = passes_at
        if departure.successor_id is None or departure.successor_id in seen:
            yield Interval(None, begins, until, left_by=owner)
            return
        owner = departure.successor_id
        seen.add(owner)
    yield Interval(owner, begins, until)
