"""What would move when an SDR left."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from conveyor.roster.queries import current_calendar
from telemarketing.handoffs.tables import OutgoingHandoff
from telemarketing.leads.tables import LeadOwnership

LISTED_MAX: Final = 1000


class MovingLead(AnswerModel):
    """A lead that he would not own any more from `from_at` on."""

    lead_id: UUID
    from_at: datetime


class MovingLeads(AnswerModel):
    """Counts of everything; the lists are cut to their first thousand. `open_handoffs` are ids of what he offered."""

    owned_count: int
    owned: list[MovingLead]
    open_handoff_count: int
    open_handoffs: list[UUID]


async def moving_leads_of(session: AsyncSession, *, employee_id: UUID, left_on: date) -> MovingLeads:
    """Leads owned beyond 00:00 of `left_on`. Handoffs he offered stay as they are; who follows should know of them."""
    left_at = (await current_calendar(session)).calendar.start_of(left_on)
    his = select(LeadOwnership.lead_id, func.min(LeadOwnership.from_at).label("from_at")).where(
        LeadOwnership.employee_id == employee_id,
        or_(LeadOwnership.until_at.is_(None), LeadOwnership.until_at > left_at),
    )
    his = his.group_by(LeadOwnership.lead_id)
    rows = (await session.execute(his.order_by(LeadOwnership.lead_id).limit(LISTED_MAX))).all()
    offered = select(OutgoingHandoff.handoff_id).where(
        OutgoingHandoff.offered_by == employee_id, OutgoingHandoff.state == "offered"
    )
    handoffs = await session.scalars(offered.order_by(OutgoingHandoff.handoff_id).limit(LISTED_MAX))
    return MovingLeads(
        owned_count=await session.scalar(select(func.count()).select_from(his.subquery())) or 0,
        owned=[MovingLead(lead_id=row.lead_id, from_at=max(row.from_at, left_at)) for row in rows],
        open_handoff_count=await session.scalar(select(func.count()).select_from(offered.subquery())) or 0,
        open_handoffs=list(handoffs),
    )
