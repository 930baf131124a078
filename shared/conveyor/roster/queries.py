"""Reads of the copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.database import Database
from conveyor.kit.direct import Direct
from conveyor.kit.refusals import Invalid
from conveyor.roster.patience import first_found
from conveyor.roster.rules import employed_at, works_on
from conveyor.roster.tables import Absence, CalendarVersion, Chain, ChainMember, Employee


@dataclass(frozen=True, slots=True)
class DepartmentCalendar:
    """The department's working calendar and its currency (ISO 4217)."""

    calendar: BusinessCalendar
    currency: str


# Stands until the bus announces another one (DESIGN, Identity).
DEFAULT_CALENDAR = DepartmentCalendar(calendar=BusinessCalendar(zone=ZoneInfo("Europe/Moscow")), currency="RUB")
_CALENDAR = Direct(
    select(
        CalendarVersion.zone,
        CalendarVersion.currency,
        CalendarVersion.working_weekdays,
        CalendarVersion.holidays,
        CalendarVersion.extra_working_days,
    )
    .order_by(CalendarVersion.revision.desc())
    .limit(1)
)


async def find_employee(session: AsyncSession, employee_id: UUID) -> Employee | None:
    """The employee as last announced, None when he was not announced yet."""
    found = await _read(session, select(Employee).where(Employee.employee_id == employee_id))
    return found[0] if found else None


async def known_employee(database: Database, employee_id: UUID, *, pointer: str = "/employee_id") -> Employee:
    """The employee, waiting up to two seconds for the roster fact to arrive. Raises Invalid at `pointer` after that."""

    async def look() -> Employee | None:
        async with database.reading() as session:
            return await find_employee(session, employee_id)

    employee = await first_found(look)
    if employee is None:
        raise Invalid.field(pointer, "no such employee")
    return employee


async def working_employee(
    database: Database, employee_id: UUID, *, role: str, at: datetime, pointer: str = "/employee_id"
) -> Employee:
    """The known employee when he has the role and is employed at that instant; raises Invalid at `pointer` if not."""
    employee = await known_employee(database, employee_id, pointer=pointer)
    if employee.role != role:
        raise Invalid.field(pointer, f"not of role {role}")
    async with database.reading() as session:
        calendar = (await current_calendar(session)).calendar
    if not employed_at(employee, at, calendar):
        raise Invalid.field(pointer, "not employed at that time")
    return employee


async def hold_employee(session: AsyncSession, employee_id: UUID) -> None:
    """Let nothing new be learnt of the employee until the transaction ends.

    Whoever gives him something takes this before any other lock, as his record does: a departure that is learnt
    meanwhile waits, and then finds what he was given.
    """
    await session.execute(
        select(Employee.employee_id).where(Employee.employee_id == employee_id).with_for_update(read=True)
    )


async def employees_of_role(session: AsyncSession, role: str, on: date) -> list[Employee]:
    """Everybody of the role who is hired and not gone on that day, by id."""
    found = await _read(session, select(Employee).where(Employee.role == role).order_by(Employee.employee_id))
    return [employee for employee in found if works_on(employee, on)]


async def absent_on(session: AsyncSession, day: date) -> set[UUID]:
    """Everybody who is away on that day."""
    return set(
        await session.scalars(
            select(Absence.employee_id).where(
                Absence.from_on <= day, Absence.until_on > day, Absence.cancelled.is_(False)
            )
        )
    )


async def chain_mates(session: AsyncSession, employee_id: UUID, on: date) -> set[UUID]:
    """The others of the employee's chain on that day; of all of them when several took effect on the same day.

    There is no end of a chain: whoever joins a new one has left the earlier one, he and every other member.
    """
    mine = await session.execute(
        select(Chain.chain_id, Chain.effective_from)
        .join(ChainMember, ChainMember.chain_id == Chain.chain_id)
        .where(ChainMember.employee_id == employee_id, Chain.effective_from <= on)
    )
    chains = mine.all()
    latest = max((row.effective_from for row in chains), default=None)
    current = [row.chain_id for row in chains if row.effective_from == latest]
    joined = func.max(Chain.effective_from)
    members = await session.scalars(
        select(ChainMember.employee_id)
        .join(Chain, Chain.chain_id == ChainMember.chain_id)
        .where(
            ChainMember.employee_id.in_(select(ChainMember.employee_id).where(ChainMember.chain_id.in_(current))),
            Chain.effective_from <= on,
        )
        .group_by(ChainMember.employee_id)
        .having(joined == latest)
    )
    return set(members) - {employee_id}


async def current_calendar(session: AsyncSession) -> DepartmentCalendar:
    """The calendar of the highest revision; Moscow, Monday to Friday, roubles while none was announced."""
    version = await _CALENDAR.first(session)
    if version is None:
        return DEFAULT_CALENDAR
    return DepartmentCalendar(
        calendar=BusinessCalendar(
            zone=ZoneInfo(version.zone),
            working_weekdays=frozenset(version.working_weekdays),
            holidays=frozenset(version.holidays),
            extra_working_days=frozenset(version.extra_working_days),
        ),
        currency=version.currency,
    )


async def _read(session: AsyncSession, statement: Select[Any]) -> Sequence[Employee]:
    # The listener writes past the session's identity map, so a row read earlier in the same batch must be refreshed.
    return (await session.scalars(statement.execution_options(populate_existing=True))).all()
