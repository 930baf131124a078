"""Whether a source fell silent, and how much of what it sends is in vain. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

_DAY = "%A %Y-%m-%d"


class Hours(Protocol):
    """The department's working hours."""

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much working time lies between."""
        ...


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when nothing has come: `working_minutes` so far; `after_minutes` raise the alarm, None never does."""

    since: datetime
    working_minutes: int
    after_minutes: int | None

    @property
    def is_alarm(self) -> bool:
        """Whether somebody should look."""
        return self.after_minutes is not None and self.working_minutes >= self.after_minutes

    def words(self, since: datetime) -> str:
        """The alarm for people; `since` is the same moment on the department's clock."""
        return (
            f"Nothing has come since {since:%H:%M} on a working day ({since:{_DAY}}): "
            f"{self.working_minutes} working minutes, the alarm is after {self.after_minutes}."
        )


def silence_of(*, last_at: datetime, now: datetime, hours: Hours, after_minutes: int | None) -> Silence:
    """The silence since the last delivery. Nights, weekends and holidays do not count."""
    minutes = int(hours.between(last_at, now).total_seconds() // 60)
    return Silence(since=last_at, working_minutes=minutes, after_minutes=after_minutes)


def alarm_after(*, chosen: int | None, usual: int | None) -> int | None:
    """Working minutes: what somebody chose for the source (0: never), else what is usual for its kind."""
    return usual if chosen is None else chosen or None


def error_rate(states: Mapping[str, int], refused: Mapping[str, int]) -> str:
    """The share, with four decimals, of what came that the door refused or that had to be quarantined."""
    failed = states.get("quarantined", 0) + sum(refused.values())
    came = sum(states.values()) + sum(refused.values())
    return f"{failed / came:.4f}" if came else "0.0000"
