"""Reads of months: provisional from ledger and engine, closed from the ledger, frozen from the statements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.among import among
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.engine.lines import Line
from conveyor.bonuses.facts.queries import names_of_leads
from conveyor.bonuses.ledger.queries import posted_earned_in, posted_in_period
from conveyor.bonuses.ledger.rules import Posted
from conveyor.bonuses.periods.at_close import at_close_lines
from conveyor.bonuses.periods.queries import state_as_of, state_of
from conveyor.bonuses.periods.tables import ClosedPeriod
from conveyor.bonuses.statements.rules import net_lines, totals_of
from conveyor.bonuses.statements.tables import SignOff, Statement
from conveyor.bonuses.statements.views import BonusesView, line_view
from conveyor.kit.calendar import Month
from conveyor.kit.refusals import NotFound
from conveyor.roster.patience import first_found
from conveyor.roster.queries import current_calendar, find_employee
from conveyor.roster.tables import Employee


@dataclass(frozen=True, slots=True)
class AsOf:
    """From when a month is looked at.

    By `recorded`: what the month showed at the instant. By `known`: what the month should be, by what was recorded at
    the instant; `"now"` adds what is not in the ledger yet.
    """

    recorded: datetime | None = None
    known: datetime | Literal["now"] | None = None


_NOW = AsOf()


async def bonuses_of(desk: Desk, *, employee_id: UUID, month: Month, as_of: AsOf = _NOW) -> BonusesView:
    """The employee's month. Raises NotFound for somebody who is not in the roster."""
    await existing_employee(desk, employee_id)
    now = desk.database.clock.now()
    async with desk.database.reading() as session:
        await see_one_moment(session)
        state = await state_of(session, month)
        if as_of.recorded is not None:
            state = await state_as_of(session, month, as_of.recorded)
        entries = await _entries(session, month, as_of, employee_id=employee_id)
        computed: list[Line] = []
        if state != "closed" and as_of.recorded is None and as_of.known in {None, "now"}:
            computed = await at_close_lines(session, month, role=desk.role, employee_id=employee_id)
        lines = net_lines(entries, computed=computed)
        names = await names_of_leads(session, {line.lead_id for line in lines if line.lead_id is not None})
        currency = (await current_calendar(session)).currency
    total, others = totals_of(lines, currency=currency)
    return BonusesView(
        employee_id=employee_id,
        period=str(month),
        state=state,
        total=total.to_wire(),
        other_totals=[other.to_wire() for other in others],
        lines=[line_view(line, names) for line in lines],
        recorded_as_of=as_of.recorded,
        known_as_of=now if as_of.known == "now" else as_of.known,
    )


async def _entries(session: AsyncSession, month: Month, as_of: AsOf, *, employee_id: UUID) -> list[Posted]:
    if as_of.known is None:
        return await posted_in_period(session, str(month), employee_id=employee_id, recorded_until=as_of.recorded)
    until = None if as_of.known == "now" else as_of.known
    return await posted_earned_in(session, month, employee_id=employee_id, recorded_until=until)


async def see_one_moment(session: AsyncSession) -> None:
    """Let all reads of this session, which has read nothing yet, see the same moment.

    A closing between two of them would else show a line twice: as posted and as still to be posted.
    """
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


async def existing_employee(desk: Desk, employee_id: UUID) -> Employee:
    """The employee; one who was just recorded is waited for, as his fact travels. Raises NotFound."""

    async def look() -> Employee | None:
        async with desk.database.reading() as session:
            return await find_employee(session, employee_id)

    employee = await first_found(look)
    if employee is None:
        raise NotFound
    return employee


def statements_of(
    *, period: str | None, employee_id: UUID | None, recorded_as_of: datetime | None = None
) -> Select[Statement]:
    """Frozen statements, of one month or employee when named; as of an instant: those frozen until then."""
    statement = select(Statement)
    if period is not None:
        statement = statement.where(Statement.period == period)
    if employee_id is not None:
        statement = statement.where(Statement.employee_id == employee_id)
    if recorded_as_of is not None:
        closed = select(ClosedPeriod.period).where(ClosedPeriod.closed_at <= recorded_as_of)
        statement = statement.where(Statement.period.in_(closed))
    return statement


async def frozen_statement(session: AsyncSession, *, period: str, employee_id: UUID) -> Statement | None:
    """One frozen statement."""
    found: Statement | None = await session.scalar(statements_of(period=period, employee_id=employee_id))
    return found


async def signed_statements(
    session: AsyncSession, employee_ids: Iterable[UUID]
) -> dict[tuple[str, UUID, str], datetime]:
    """When these employees agreed, by (period, employee, hash of the lines); the first time counts."""
    rows = await session.execute(
        select(SignOff.period, SignOff.employee_id, SignOff.lines_hash, SignOff.signed_at)
        .where(among(SignOff.employee_id, employee_ids))
        .order_by(SignOff.signed_at.desc(), SignOff.sign_off_id.desc())
    )
    return {(row.period, row.employee_id, row.lines_hash): row.signed_at for row in rows}
