"""Reads of adjustments."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.adjustments.tables import Adjustment
from conveyor.kit.refusals import NotFound


def adjustments(
    *, employee_id: UUID | None = None, state: str | None = None, dispute_id: UUID | None = None
) -> Select[Adjustment]:
    """Adjustments of one employee, state or dispute when named."""
    statement = select(Adjustment)
    if employee_id is not None:
        statement = statement.where(Adjustment.employee_id == employee_id)
    if state is not None:
        statement = statement.where(Adjustment.state == state)
    if dispute_id is not None:
        statement = statement.where(Adjustment.dispute_id == dispute_id)
    return statement


async def existing_adjustment(session: AsyncSession, adjustment_id: UUID, *, lock: bool = False) -> Adjustment:
    """One adjustment, locked against other decisions when asked. Raises NotFound."""
    statement = adjustments().where(Adjustment.adjustment_id == adjustment_id)
    found: Adjustment | None = await session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound
    return found
