"""Reads of months: provisional from ledger and engine, closed from the ledger, frozen from the statements."""

from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.facts.queries import names_of_leads
from conveyor.bonuses.ledger.queries import posted_in_period
from conveyor.bonuses.periods.at_close import at_close_lines
from conveyor.bonuses.periods.queries import state_of
from conveyor.bonuses.statements.rules import net_lines, totals_of
from conveyor.bonuses.statements.tables import Statement
from conveyor.bonuses.statements.views import BonusesView, line_view
from conveyor.kit.calendar import Month
from conveyor.kit.refusals import NotFound
from conveyor.roster.patience import first_found
from conveyor.roster.queries import current_calendar, find_employee
from conveyor.roster.tables import Employee


async def bonuses_of(desk: Desk, *, employee_id: UUID, month: Month) -> BonusesView:
    """The employee's month. Raises NotFound for somebody who is not in the roster."""
    await existing_employee(desk, employee_id)
    async with desk.database.reading() as session:
        await see_one_moment(session)
        state = await state_of(session, month)
        entries = await posted_in_period(session, str(month), employee_id=employee_id)
        computed = (
            await at_close_lines(session, month, role=desk.role, employee_id=employee_id) if state == "open" else []
        )
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
    )


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


def statements_of(*, period: str | None, employee_id: UUID | None) -> Select[Statement]:
    """Frozen statements, of one month or employee when named."""
    statement = select(Statement)
    if period is not None:
        statement = statement.where(Statement.period == period)
    if employee_id is not None:
        statement = statement.where(Statement.employee_id == employee_id)
    return statement


async def frozen_statement(session: AsyncSession, *, period: str, employee_id: UUID) -> Statement | None:
    """One frozen statement."""
    found: Statement | None = await session.scalar(statements_of(period=period, employee_id=employee_id))
    return found
