"""Patience with an answer that is on its way."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from conveyor.kit.database import Database
from conveyor.roster.patience import first_found
from telemarketing.handoffs.tables import OutgoingHandoff


async def await_answer(database: Database, *, lead_id: UUID, at: datetime | None) -> None:
    """Wait up to two seconds while a handoff of the lead, offered by `at` (any, when empty), has no answer yet.

    Closing may have returned the lead a moment ago; its word arrives by event. The caller's rules decide afterwards.
    """
    statement = select(OutgoingHandoff.handoff_id).where(
        OutgoingHandoff.lead_id == lead_id, OutgoingHandoff.state == "offered"
    )
    if at is not None:
        statement = statement.where(OutgoingHandoff.offered_at <= at)

    async def nothing_open() -> bool | None:
        async with database.reading() as session:
            return True if await session.scalar(statement.limit(1)) is None else None

    await first_found(nothing_open)
