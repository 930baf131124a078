"""Reading the department's calendar."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.direct import Direct
from conveyor.kit.http.models import AnswerModel
from handoff_bus.calendar.rules import DEFAULT, CalendarTerms
from handoff_bus.calendar.tables import CalendarVersion

_ZONE = Direct(select(CalendarVersion.zone).order_by(CalendarVersion.revision.desc()).limit(1))


class CalendarView(AnswerModel):
    """The calendar last announced. Weekdays are ISO: Monday 1 to Sunday 7."""

    revision: int
    effective_from: date
    zone: str
    currency: str
    working_weekdays: list[int]
    holidays: list[date]
    extra_working_days: list[date]


async def latest_version(session: AsyncSession) -> CalendarVersion | None:
    """The newest revision, if the bus has announced one."""
    return await session.scalar(select(CalendarVersion).order_by(CalendarVersion.revision.desc()).limit(1))


async def current_calendar(session: AsyncSession) -> CalendarView:
    """The newest revision; the default as revision 0 before the first start."""
    version = await latest_version(session)
    if version is None:
        return view_of(DEFAULT, revision=0)
    return CalendarView.model_validate(version)


async def department_zone(session: AsyncSession) -> ZoneInfo:
    """The zone in which a day of employment begins."""
    version = await _ZONE.first(session)
    return ZoneInfo(version.zone if version else DEFAULT.zone)


def view_of(terms: CalendarTerms, *, revision: int) -> CalendarView:
    """The answer for these terms."""
    return CalendarView(revision=revision, **terms.as_lists())
