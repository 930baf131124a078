"""Reads of the journal."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, and_, bindparam, column, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from conveyor.bonuses.among import among, among_named
from conveyor.bonuses.ledger.rules import Posted
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.kit.calendar import Month
from conveyor.kit.direct import Direct

POSTED: tuple[InstrumentedAttribute[Any], ...] = (
    BonusEntry.entry_id,
    BonusEntry.journal_no,
    BonusEntry.role,
    BonusEntry.component,
    BonusEntry.plan_code,
    BonusEntry.plan_version,
    BonusEntry.cause,
    BonusEntry.cause_id,
    BonusEntry.lead_id,
    BonusEntry.employee_id,
    BonusEntry.earned_on,
    BonusEntry.kind,
    BonusEntry.reverses,
    BonusEntry.revision,
    BonusEntry.amount_minor,
    BonusEntry.currency,
)

_OF_LEADS = Direct(
    select(*POSTED)
    .where(among_named(BonusEntry.lead_id, "leads"), ~BonusEntry.cause.startswith("in:"))
    .order_by(BonusEntry.journal_no)
)
# Pairs, so that each is one look into the index on both columns.
_PAIRS = (
    func.unnest(bindparam("leads", type_=ARRAY(Uuid())), bindparam("causes", type_=ARRAY(Text())))
    .table_valued(column("lead_id", Uuid()), column("cause", Text()), name="wanted")
    .render_derived()
)
_OF_CAUSES = Direct(
    select(*POSTED)
    .join(_PAIRS, and_(BonusEntry.lead_id == _PAIRS.c.lead_id, BonusEntry.cause == _PAIRS.c.cause))
    .order_by(BonusEntry.journal_no)
)


async def read_posted(session: AsyncSession, statement: Select[*tuple[Any, ...]]) -> list[Posted]:
    """The entries of a statement over `POSTED`."""
    found: list[tuple[Any, ...]] = [tuple(row) for row in await session.execute(statement)]
    return [Posted(*values) for values in found]


async def posted_of_leads(session: AsyncSession, lead_ids: Collection[UUID]) -> list[Posted]:
    """All entries that the evaluation of these leads answers for, oldest first: not those of people's periods."""
    return [Posted(*row) for row in await _OF_LEADS.rows(session, leads=list(lead_ids))]


async def posted_of_person_periods(session: AsyncSession, employee_ids: Collection[UUID], period: str) -> list[Posted]:
    """The entries that these employees' month or quarter as a whole answers for, oldest first."""
    return await read_posted(
        session,
        select(*POSTED)
        .where(among(BonusEntry.employee_id, employee_ids), BonusEntry.cause.startswith(f"in:{period}/"))
        .order_by(BonusEntry.journal_no),
    )


async def paid_in_person_period(session: AsyncSession, period: str, lead_ids: Collection[UUID]) -> set[UUID]:
    """Who has entries of people's month or quarter for one of these leads, or for all of his leads together."""
    theirs = or_(BonusEntry.lead_id.is_(None), among(BonusEntry.lead_id, lead_ids))
    statement = select(BonusEntry.employee_id).distinct().where(BonusEntry.cause.startswith(f"in:{period}/"), theirs)
    return set(await session.scalars(statement))


async def posted_of_causes(session: AsyncSession, causes: Mapping[UUID, Collection[str]]) -> list[Posted]:
    """The entries of each of these leads under its causes, oldest first."""
    pairs = [(lead_id, cause) for lead_id, named in causes.items() for cause in named]
    if not pairs:
        return []
    leads, named = [lead_id for lead_id, _ in pairs], [cause for _, cause in pairs]
    return [Posted(*row) for row in await _OF_CAUSES.rows(session, leads=leads, causes=named)]


async def posted_of_person_months(session: AsyncSession, person_months: Iterable[tuple[UUID, Month]]) -> list[Posted]:
    """The gated entries of these employees' months, oldest first."""
    wanted = [(employee_id, f"month:{month}") for employee_id, month in person_months]
    return await read_posted(
        session,
        select(*POSTED)
        .where(
            BonusEntry.lead_id.is_(None),
            tuple_(BonusEntry.employee_id, BonusEntry.cause).in_(wanted),
        )
        .order_by(BonusEntry.journal_no),
    )


async def paid_person_months(session: AsyncSession) -> set[tuple[UUID, Month]]:
    """Everybody's months with gated entries."""
    gated = (BonusEntry.lead_id.is_(None), BonusEntry.cause.startswith("month:"))
    rows = await session.execute(select(BonusEntry.employee_id, BonusEntry.cause).distinct().where(*gated))
    return {(row.employee_id, Month.parse(row.cause.removeprefix("month:"))) for row in rows}


async def posted_in_period(
    session: AsyncSession, period: str, *, employee_id: UUID | None = None, recorded_until: datetime | None = None
) -> list[Posted]:
    """Entries whose payroll period it is, of one employee or of all, oldest first; as of an instant when given."""
    statement = select(*POSTED).where(BonusEntry.period == period).order_by(BonusEntry.journal_no)
    if employee_id is not None:
        statement = statement.where(BonusEntry.employee_id == employee_id)
    if recorded_until is not None:
        statement = statement.where(BonusEntry.recorded_at <= recorded_until)
    return await read_posted(session, statement)


async def posted_earned_in(
    session: AsyncSession, month: Month, *, employee_id: UUID, recorded_until: datetime | None
) -> list[Posted]:
    """The employee's entries earned in the month, whichever month they were posted into, oldest first."""
    statement = select(*POSTED).where(
        BonusEntry.employee_id == employee_id, BonusEntry.earned_on.between(month.first_day, month.last_day)
    )
    if recorded_until is not None:
        statement = statement.where(BonusEntry.recorded_at <= recorded_until)
    return await read_posted(session, statement.order_by(BonusEntry.journal_no))


async def first_period(session: AsyncSession) -> Month | None:
    """The earliest month with an entry."""
    first = await session.scalar(select(func.min(BonusEntry.period)))
    return None if first is None else Month.parse(first)


async def live_entries(session: AsyncSession, *, employee_id: UUID) -> list[Posted]:
    """The employee's entries that no reversal took back, oldest first."""
    undoing = aliased(BonusEntry)
    statement = select(*POSTED).where(
        BonusEntry.employee_id == employee_id,
        BonusEntry.kind != "reversal",
        ~exists().where(undoing.reverses == BonusEntry.entry_id),
    )
    return await read_posted(session, statement.order_by(BonusEntry.journal_no))


async def entries_after(
    session: AsyncSession,
    *,
    after: int,
    up_to: int,
    limit: int,
    employee_id: UUID | None = None,
    lead_id: UUID | None = None,
) -> Sequence[BonusEntry]:
    """The journal's entries after one number up to another, oldest first, of one employee or lead when named."""
    statement = select(BonusEntry).where(BonusEntry.journal_no > after, BonusEntry.journal_no <= up_to)
    if employee_id is not None:
        statement = statement.where(BonusEntry.employee_id == employee_id)
    if lead_id is not None:
        statement = statement.where(BonusEntry.lead_id == lead_id)
    return (await session.scalars(statement.order_by(BonusEntry.journal_no).limit(limit))).all()


async def find_entries(session: AsyncSession, entry_ids: Collection[UUID]) -> list[BonusEntry]:
    """These entries whole, oldest first."""
    if not entry_ids:
        return []
    statement = select(BonusEntry).where(among(BonusEntry.entry_id, entry_ids)).order_by(BonusEntry.journal_no)
    return list(await session.scalars(statement))


async def find_entry(session: AsyncSession, entry_id: UUID) -> BonusEntry | None:
    """One entry."""
    return await session.scalar(select(BonusEntry).where(BonusEntry.entry_id == entry_id))


async def entry_of_cause(session: AsyncSession, *, employee_id: UUID, cause: str) -> tuple[UUID, str] | None:
    """The id and the payroll period of the one entry that the employee has under this cause; None without any."""
    statement = select(BonusEntry.entry_id, BonusEntry.period)
    found = await session.execute(statement.where(BonusEntry.employee_id == employee_id, BonusEntry.cause == cause))
    row = found.one_or_none()
    return None if row is None else (row.entry_id, row.period)
