"""The department's calendar over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field, StringConstraints

from conveyor.contracts.values import Text
from conveyor.kit.http.auth import ROLES, Principal, allow
from conveyor.kit.http.etags import IfMatch, etag_of
from conveyor.kit.http.models import RequestModel
from handoff_bus.bus import TheBus
from handoff_bus.calendar import queries
from handoff_bus.calendar.announce_calendar import change_calendar
from handoff_bus.calendar.queries import CalendarView
from handoff_bus.calendar.rules import CalendarTerms

router = APIRouter(prefix="/calendar", tags=["calendar"])

Days = Annotated[frozenset[date], Field(max_length=2000)]


class CalendarBody(RequestModel):
    """The whole calendar from `effective_from` on. Weekdays are ISO: Monday 1 to Sunday 7."""

    effective_from: date
    zone: Text
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    working_weekdays: Annotated[frozenset[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1)]
    holidays: Days = frozenset()
    extra_working_days: Days = frozenset()


@router.get("")
async def get_calendar(
    bus: TheBus, _: Annotated[Principal, Depends(allow(*sorted(ROLES)))], response: Response
) -> CalendarView:
    """The calendar last announced, with the ETag that a PUT needs."""
    async with bus.database.reading() as session:
        view = await queries.current_calendar(session)
    response.headers["ETag"] = etag_of(view.revision)
    return view


@router.put("")
async def put_calendar(
    body: CalendarBody,
    revision: IfMatch,
    bus: TheBus,
    _: Annotated[Principal, Depends(allow("admin"))],
    response: Response,
) -> CalendarView:
    """Announce another calendar. Closed months stay as they were closed."""
    terms = CalendarTerms(
        effective_from=body.effective_from,
        zone=body.zone,
        currency=body.currency,
        working_weekdays=body.working_weekdays,
        holidays=body.holidays,
        extra_working_days=body.extra_working_days,
    )
    view = await change_calendar(bus.database, terms=terms, revision=revision)
    response.headers["ETag"] = etag_of(view.revision)
    return view
