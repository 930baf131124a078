"""Statements of a month in review, computed as the closing would freeze them now."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.queries import posted_in_period
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.periods.at_close import at_close_lines
from conveyor.bonuses.statements.rules import net_lines, statement_document
from conveyor.kit.calendar import Month
from conveyor.roster.queries import current_calendar
from conveyor.roster.tables import Employee


async def draft_of(session: AsyncSession, *, role: BonusRole, month: Month, employee_id: UUID) -> dict[str, Any]:
    """One employee's month as it would be frozen now."""
    drafts = await drafts_of(session, role=role, month=month, employee_ids={employee_id})
    return drafts[employee_id]


async def drafts_of(
    session: AsyncSession, *, role: BonusRole, month: Month, employee_ids: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    """The months of these employees as they would be frozen now; the session must see one moment."""
    only = next(iter(employee_ids)) if len(employee_ids) == 1 else None
    posted = await posted_in_period(session, str(month), employee_id=only)
    computed = await at_close_lines(session, month, role=role, employee_id=only)
    currency = (await current_calendar(session)).currency
    return {
        employee_id: statement_document(
            employee_id=employee_id,
            role=role,
            period=str(month),
            currency=currency,
            lines=net_lines(
                (entry for entry in posted if entry.employee_id == employee_id),
                computed=(line for line in computed if line.employee_id == employee_id),
            ),
        )
        for employee_id in employee_ids
    }


def people_of(*, role: BonusRole, month: Month, employee_id: UUID | None) -> Select[UUID]:
    """Who has a statement of the month: whoever of the role was employed in it, and whoever has an entry."""
    has_entry = exists().where(BonusEntry.employee_id == Employee.employee_id, BonusEntry.period == str(month))
    employed = (
        (Employee.role == role)
        & (Employee.hired_on <= month.last_day)
        & or_(Employee.left_on.is_(None), Employee.left_on > month.first_day)
    )
    statement = select(Employee.employee_id).where(or_(employed, has_entry))
    return statement if employee_id is None else statement.where(Employee.employee_id == employee_id)
