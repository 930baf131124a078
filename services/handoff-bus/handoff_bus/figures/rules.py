"""From answered and overdue handoffs to figures per person and direction. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

Whose = tuple[UUID, str, str]
"""(employee, from stage, to stage)"""


@dataclass(frozen=True, slots=True)
class Watched:
    """A handoff as far as figures need it. `taken` is the working time until its acceptance, None without one."""

    from_stage: str
    to_stage: str
    state: str
    employee_id: UUID | None
    reason: str | None
    taken: timedelta | None
    first_overdue_by: UUID | None
    second_overdue_by: UUID | None


@dataclass(slots=True)
class Figures:
    """One person's handoffs of one direction."""

    taken: list[timedelta] = field(default_factory=list)
    returns: Counter[str] = field(default_factory=Counter)
    overdue_once: int = 0
    overdue_twice: int = 0


def figures_of(handoffs: Iterable[Watched]) -> dict[Whose, Figures]:
    """Figures by person and direction. Late is whom it was with when the time was over, not who answered it later."""
    found: defaultdict[Whose, Figures] = defaultdict(Figures)
    for one in handoffs:
        if one.employee_id is not None and one.state == "accepted" and one.taken is not None:
            found[one.employee_id, one.from_stage, one.to_stage].taken.append(one.taken)
        if one.employee_id is not None and one.state == "returned":
            found[one.employee_id, one.from_stage, one.to_stage].returns[one.reason or "other"] += 1
        if one.first_overdue_by is not None:
            found[one.first_overdue_by, one.from_stage, one.to_stage].overdue_once += 1
        if one.second_overdue_by is not None:
            found[one.second_overdue_by, one.from_stage, one.to_stage].overdue_twice += 1
    return dict(found)


def quantile_minutes(times: Sequence[timedelta], percent: int) -> int | None:
    """The nearest-rank quantile in whole minutes, None of nothing."""
    if not times:
        return None
    rank = max(-(-len(times) * percent // 100), 1)
    return int(sorted(times)[rank - 1].total_seconds() // 60)
