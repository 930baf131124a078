"""What would move when somebody of a receiving stage left: what he owns from that day on, and what waits for him."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.handoffs.ownership.tables import OwnerChangeRow, OwnerIntervalRow
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.http.models import AnswerModel
from conveyor.roster.queries import current_calendar

LISTED_MAX: Final = 1000


class MovingThing(AnswerModel):
    """A deal (closing), client (account) or lead (telemarketing) that he would not own any more from `from_at` on."""

    id: UUID
    lead_id: UUID
    from_at: datetime


class Moving(AnswerModel):
    """Counts of everything; the lists are cut to their first thousand. `open_handoffs` are ids."""

    owned_count: int
    owned: list[MovingThing]
    open_handoff_count: int
    open_handoffs: list[UUID]


async def moving_of(session: AsyncSession, *, employee_id: UUID, left_on: date) -> Moving:
    """Intervals of his that reach beyond 00:00 of `left_on`, and unanswered handoffs that are routed to him."""
    left_at = (await current_calendar(session)).calendar.start_of(left_on)
    his = (
        select(OwnerIntervalRow.thing_id, OwnerChangeRow.lead_id, func.min(OwnerIntervalRow.from_at).label("from_at"))
        .join(OwnerChangeRow, OwnerChangeRow.thing_id == OwnerIntervalRow.thing_id)
        .where(
            OwnerChangeRow.revision == 1,
            OwnerIntervalRow.employee_id == employee_id,
            or_(OwnerIntervalRow.until.is_(None), OwnerIntervalRow.until > left_at),
        )
        .group_by(OwnerIntervalRow.thing_id, OwnerChangeRow.lead_id)
    )
    rows = (await session.execute(his.order_by(OwnerIntervalRow.thing_id).limit(LISTED_MAX))).all()
    waiting = select(ReceivedHandoff.handoff_id).where(
        ReceivedHandoff.state == "offered", ReceivedHandoff.routed_to == employee_id
    )
    handoffs = await session.scalars(waiting.order_by(ReceivedHandoff.handoff_id).limit(LISTED_MAX))
    return Moving(
        owned_count=await session.scalar(select(func.count()).select_from(his.subquery())) or 0,
        owned=[MovingThing(id=row.thing_id, lead_id=row.lead_id, from_at=max(row.from_at, left_at)) for row in rows],
        open_handoff_count=await session.scalar(select(func.count()).select_from(waiting.subquery())) or 0,
        open_handoffs=list(handoffs),
    )
