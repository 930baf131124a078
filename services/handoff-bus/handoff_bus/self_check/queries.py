"""Reading the self-check: days, gaps, and stretches of which no list ever came."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from handoff_bus.self_check.tables import ComparedIntake

_SAID = text(
    """
    SELECT day, service, sum(facts) AS facts, count(*) AS lists, max(until_at) AS listed_until
    FROM listed_publications WHERE day >= :first AND day < :after GROUP BY day, service ORDER BY day, service
    """
)
_TAKEN = text(
    """
    SELECT day, said_by, reader, sum(awaited) AS awaited, sum(missing_count) AS missing, count(*) AS lists,
        sum(missing_count) FILTER (WHERE accepted_reason IS NOT NULL) AS accepted
    FROM compared_intake WHERE day >= :first AND day < :after
    GROUP BY day, said_by, reader ORDER BY reader
    """
)
_HOLES = text(
    """
    WITH stretches AS (
        SELECT service, from_at, until_at, count(*) AS here, max(parts) AS parts
        FROM listed_publications WHERE day >= :first AND day < :after GROUP BY service, from_at, until_at
    ),
    ordered AS (
        SELECT *, lag(until_at) OVER (PARTITION BY service ORDER BY from_at) AS before FROM stretches
    )
    SELECT service, before AS from_at, from_at AS until_at FROM ordered WHERE before < from_at
    UNION ALL SELECT service, from_at, until_at FROM stretches WHERE here < parts
    ORDER BY service, from_at
    """
)


class IntakeOfDay(AnswerModel):
    """What one reader took of a service's facts of a day. `awaited` are those it hears; lists not compared yet wait."""

    reader: str
    awaited: int
    missing: int
    accepted: int
    lists_compared: int


class DayOfService(AnswerModel):
    """What a service said on a day (UTC), and what each reader found when it compared."""

    day: date
    service: str
    facts: int
    lists: int
    listed_until: datetime
    intake: list[IntakeOfDay]


class UnlistedStretch(AnswerModel):
    """A stretch between two lists of a service of which no list, or not every part of one, came to the bus."""

    service: str
    from_at: datetime
    until_at: datetime


class SelfCheckView(AnswerModel):
    """All days asked for. At rest nothing is missing, each reader has compared each list, and nothing is unlisted."""

    days: list[DayOfService]
    unlisted: list[UnlistedStretch]


class GapOfReader(AnswerModel):
    """Facts of `said_by` that `reader` hears and never got; `missing` names the first of them.

    To mend it: `POST /v1/messages/publications/republish` at `said_by`. With `accepted_reason` it is settled.
    """

    reader: str
    said_by: str
    list_id: UUID
    from_at: datetime
    until_at: datetime
    awaited: int
    missing_count: int
    missing: list[UUID]
    accepted_reason: str | None
    compared_at: datetime


async def read_self_check(session: AsyncSession, *, from_on: date, until_on: date) -> SelfCheckView:
    """Days from `from_on` on and before `until_on`."""
    asked = {"first": from_on, "after": until_on}
    taken: dict[tuple[date, str], list[IntakeOfDay]] = {}
    for row in await session.execute(_TAKEN, asked):
        found = IntakeOfDay(
            reader=row.reader,
            awaited=row.awaited,
            missing=row.missing,
            accepted=row.accepted or 0,
            lists_compared=row.lists,
        )
        taken.setdefault((row.day, row.said_by), []).append(found)
    days = [
        DayOfService(
            day=row.day,
            service=row.service,
            facts=row.facts,
            lists=row.lists,
            listed_until=row.listed_until,
            intake=taken.get((row.day, row.service), []),
        )
        for row in await session.execute(_SAID, asked)
    ]
    holes = [UnlistedStretch.model_validate(row) for row in await session.execute(_HOLES, asked)]
    return SelfCheckView(days=days, unlisted=holes)


async def list_gaps(session: AsyncSession, *, is_open: bool | None, page: PageRequest) -> Page[GapOfReader]:
    """Gaps in the order of their stretches; open ones are not accepted."""
    statement = select(ComparedIntake).where(ComparedIntake.missing_count > 0)
    if is_open is not None:
        accepted = ComparedIntake.accepted_reason
        statement = statement.where(accepted.is_(None) if is_open else accepted.is_not(None))
    key = [ComparedIntake.from_at, ComparedIntake.reader, ComparedIntake.list_id]
    gaps, cursor = await page_of(session, statement, key=key, page=page)
    return Page[GapOfReader](items=[GapOfReader.model_validate(gap) for gap in gaps], next_cursor=cursor)
