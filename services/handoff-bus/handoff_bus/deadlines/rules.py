"""Working-hours arithmetic and what a deadline policy may say. Pure: no clock, no I/O.

Working time is what lies between two times of the wall clock on working days of the calendar; it is measured as it
passes, so a day on which the clocks change is an hour shorter or longer where the change falls into it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from conveyor.contracts.values import Stage
from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.refusals import FieldError, Invalid, Refusal

_DAYS_AHEAD_MAX: Final = 4000

DIRECTIONS: Final[tuple[tuple[Stage, Stage], ...]] = (
    ("telemarketing", "closing"),
    ("closing", "account"),
    ("account", "closing"),
    ("closing", "telemarketing"),
)


class NoWorkingTimeAhead(Refusal):
    """The calendar has no working day within ten years."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """From `starts` to `ends` of the wall clock on every working day of the calendar."""

    calendar: BusinessCalendar
    starts: time
    ends: time

    def of(self, day: date) -> tuple[datetime, datetime] | None:
        """The day's working time as instants (UTC), None on a day off."""
        if not self.calendar.is_working(day):
            return None
        begins, ends = (
            datetime.combine(day, at, tzinfo=self.calendar.zone).astimezone(UTC) for at in (self.starts, self.ends)
        )
        return (begins, ends) if begins < ends else None

    def after(self, instant: datetime, working_time: timedelta) -> datetime:
        """The instant at which so much working time has passed since `instant`, as UTC.

        Raises NoWorkingTimeAhead when the calendar ends before.
        """
        left = working_time
        for begins, ends in self._from(instant):
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
        raise NoWorkingTimeAhead

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much working time lies in `[since, until)`; zero when it is no interval."""
        passed = timedelta()
        for begins, ends in self._from(since):
            if begins >= until:
                break
            passed += min(ends, until) - begins
        return passed

    def _from(self, instant: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working time from `instant` on, day by day."""
        today = self.calendar.day_of(instant)
        # A zone's day may differ from the UTC day by one either way; the day before costs nothing.
        for offset in range(-1, _DAYS_AHEAD_MAX):
            hours = self.of(today + timedelta(days=offset))
            if hours is not None and hours[1] > instant:
                yield max(hours[0], instant.astimezone(UTC)), hours[1]


@dataclass(frozen=True, slots=True)
class DirectionTerms:
    """How many working minutes a direction has to answer, how long before that somebody is reminded, and then again."""

    from_stage: Stage
    to_stage: Stage
    answer_minutes: int
    remind_minutes: int
    again_minutes: int


@dataclass(frozen=True, slots=True)
class DeadlineTerms:
    """The policy from `effective_from` on: the working day and each direction's minutes."""

    effective_from: date
    day_starts: time
    day_ends: time
    directions: tuple[DirectionTerms, ...]

    def of(self, from_stage: str, to_stage: str) -> DirectionTerms | None:
        """The terms of a direction, None for one without deadlines."""
        return next((one for one in self.directions if (one.from_stage, one.to_stage) == (from_stage, to_stage)), None)


# Half a working day for a booked meeting, a day for the rest; a lead back to nurture is taken without anybody's answer.
DEFAULT: Final = DeadlineTerms(
    effective_from=date(2000, 1, 1),
    day_starts=time(9),
    day_ends=time(18),
    directions=(
        DirectionTerms("telemarketing", "closing", answer_minutes=240, remind_minutes=60, again_minutes=240),
        DirectionTerms("closing", "account", answer_minutes=540, remind_minutes=120, again_minutes=540),
        DirectionTerms("account", "closing", answer_minutes=540, remind_minutes=120, again_minutes=540),
        DirectionTerms("closing", "telemarketing", answer_minutes=540, remind_minutes=120, again_minutes=540),
    ),
)


def terms_on(day: date, versions: Sequence[DeadlineTerms]) -> DeadlineTerms:
    """The policy of a day, of versions in the order in which they were recorded: the last one in effect stands."""
    in_effect = [(terms.effective_from, number) for number, terms in enumerate(versions) if terms.effective_from <= day]
    return versions[max(in_effect)[1]] if in_effect else DEFAULT


@dataclass(frozen=True, slots=True)
class Due:
    """When somebody is reminded, and when an answer is due."""

    remind_at: datetime
    due_at: datetime


def due_of(hours: WorkingHours, terms: DirectionTerms, *, since: datetime) -> Due:
    """The deadline of a handoff whose time runs since `since`."""
    before = timedelta(minutes=max(terms.answer_minutes - terms.remind_minutes, 0))
    return Due(remind_at=hours.after(since, before), due_at=hours.after(since, timedelta(minutes=terms.answer_minutes)))


def check(terms: DeadlineTerms) -> None:
    """Raises Invalid naming every field that makes no sense."""
    errors = []
    if terms.day_starts >= terms.day_ends:
        errors.append(FieldError("/day_ends", "must lie after day_starts"))
    seen = set()
    for index, one in enumerate(terms.directions):
        direction = (one.from_stage, one.to_stage)
        if direction not in DIRECTIONS or direction in seen:
            errors.append(FieldError(f"/directions/{index}", "is no direction of the line, or named twice"))
        if one.remind_minutes > one.answer_minutes:
            errors.append(FieldError(f"/directions/{index}/remind_minutes", "longer than the time to answer"))
        seen.add(direction)
    if errors:
        raise Invalid(errors=errors)
