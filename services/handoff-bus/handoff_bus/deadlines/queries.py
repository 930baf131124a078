"""Reading the policy, with the calendar it stands on."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.values import Stage
from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.http.models import AnswerModel, WallClock
from handoff_bus.calendar.queries import current_calendar
from handoff_bus.deadlines.rules import DEFAULT, DeadlineTerms, DirectionTerms, WorkingHours, terms_on
from handoff_bus.deadlines.tables import DeadlineVersion


class DirectionView(AnswerModel):
    """Working minutes of one direction: to answer, before that a reminder, and once more until the head hears of it."""

    from_stage: Stage
    to_stage: Stage
    answer_minutes: int
    remind_minutes: int
    again_minutes: int


class DeadlinesView(AnswerModel):
    """A policy; a direction that is not named has no deadline."""

    revision: int
    effective_from: date
    day_starts: WallClock
    day_ends: WallClock
    directions: list[DirectionView] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Policy:
    """All policies over the calendar of today. `stamp` changes with each of them."""

    calendar: BusinessCalendar
    versions: tuple[DeadlineTerms, ...]
    stamp: str

    def terms_at(self, instant: datetime) -> DeadlineTerms:
        """The policy in effect on the department's day of this instant."""
        return terms_on(self.calendar.day_of(instant), self.versions)

    def hours_of(self, terms: DeadlineTerms) -> WorkingHours:
        """The working hours under these terms."""
        return WorkingHours(self.calendar, terms.day_starts, terms.day_ends)


async def latest_version(session: AsyncSession) -> DeadlineVersion | None:
    """The newest policy, if an admin recorded one."""
    return await session.scalar(select(DeadlineVersion).order_by(DeadlineVersion.revision.desc()).limit(1))


async def current_deadlines(session: AsyncSession) -> DeadlinesView:
    """The newest policy; the default as revision 0."""
    version = await latest_version(session)
    if version is None:
        return view_of(DEFAULT, revision=0)
    return view_of(_terms(version), revision=version.revision)


async def policy_now(session: AsyncSession) -> Policy:
    """The policies and the calendar as they are now."""
    calendar = await current_calendar(session)
    versions = (await session.scalars(select(DeadlineVersion).order_by(DeadlineVersion.revision))).all()
    return Policy(
        calendar=BusinessCalendar(
            zone=ZoneInfo(calendar.zone),
            working_weekdays=frozenset(calendar.working_weekdays),
            holidays=frozenset(calendar.holidays),
            extra_working_days=frozenset(calendar.extra_working_days),
        ),
        versions=tuple(_terms(version) for version in versions),
        stamp=f"calendar {calendar.revision}, deadlines {versions[-1].revision if versions else 0}",
    )


def view_of(terms: DeadlineTerms, *, revision: int) -> DeadlinesView:
    """The answer for these terms."""
    return DeadlinesView(
        revision=revision,
        effective_from=terms.effective_from,
        day_starts=terms.day_starts,
        day_ends=terms.day_ends,
        directions=[DirectionView(**asdict(one)) for one in terms.directions],
    )


def _terms(version: DeadlineVersion) -> DeadlineTerms:
    return DeadlineTerms(
        effective_from=version.effective_from,
        day_starts=version.day_starts,
        day_ends=version.day_ends,
        directions=tuple(DirectionTerms(**one) for one in version.directions),
    )
