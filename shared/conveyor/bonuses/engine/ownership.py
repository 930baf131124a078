"""Who owns a deal or a client at an instant: a timeline of half-open intervals.

It begins with the accepted handoff. Of two beginnings at one instant an explicit change beats an acceptance and the
higher revision beats the lower. A change dated before the first acceptance counts from that acceptance: ownership never
begins before somebody took the lead over. A leaver's part goes to his successor (see `Roster.keeper`).
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conveyor.bonuses.engine.facts import AcceptanceFact, OwnerChangeFact
from conveyor.bonuses.engine.roster import Roster
from conveyor.kit.calendar import BusinessCalendar


@dataclass(frozen=True, slots=True)
class Ownership:
    """One interval's beginning: since when, who, and by which fact."""

    from_at: datetime
    employee_id: UUID
    fact_id: UUID


@dataclass(frozen=True, slots=True)
class OwnerAt:
    """The answer for one instant. `owner_id` is None when nobody owns; `named` is whom the timeline names then."""

    owner_id: UUID | None
    named: Ownership | None


class Timeline:
    """The ownership of one deal or client."""

    def __init__(self, acceptances: Iterable[AcceptanceFact], changes: Iterable[OwnerChangeFact]) -> None:
        accepted = list(acceptances)
        beginnings: list[tuple[tuple[datetime, int, datetime, int], str, Ownership]] = [
            (
                (fact.occurred_at, 0, fact.occurred_at, 0),
                str(fact.handoff_id),
                Ownership(fact.occurred_at, fact.employee_id, fact.fact_id),
            )
            for fact in accepted
        ]
        if accepted:
            start = min(fact.occurred_at for fact in accepted)
            for change in changes:
                since = max(change.from_at, start)
                owns = Ownership(since, change.employee_id, change.fact_id)
                beginnings.append(((since, 1, change.from_at, change.revision), str(change.fact_id), owns))
        beginnings.sort(key=lambda item: item[:2])
        self._intervals = [ownership for _, _, ownership in beginnings]
        self._starts = [ownership.from_at for ownership in self._intervals]

    def owner_at(self, instant: datetime, *, roster: Roster, calendar: BusinessCalendar) -> OwnerAt:
        """Who owns at this instant."""
        index = bisect_right(self._starts, instant)
        if index == 0:
            return OwnerAt(None, None)
        named = self._intervals[index - 1]
        return OwnerAt(roster.keeper(named.employee_id, instant, calendar), named)

    def named_until(self, instant: datetime) -> list[Ownership]:
        """Everybody whom it named up to this instant, oldest first."""
        return self._intervals[: bisect_right(self._starts, instant)]

    def next_start(self, instant: datetime) -> datetime | None:
        """When the next ownership after this instant begins."""
        index = bisect_right(self._starts, instant)
        return self._starts[index] if index < len(self._starts) else None
