"""Reads of meetings."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from closing.meetings.models import MeetingView
from closing.meetings.tables import DealMeeting


async def meetings_of(session: AsyncSession, deal_id: UUID) -> list[MeetingView]:
    """The deal's meetings in the order of their booking."""
    return [view_of(meeting) for meeting in await meeting_rows(session, deal_id)]


async def meeting_rows(session: AsyncSession, deal_id: UUID) -> Sequence[DealMeeting]:
    """The same as rows."""
    rows = await session.scalars(
        select(DealMeeting)
        .where(DealMeeting.deal_id == deal_id)
        .order_by(DealMeeting.booked_at, DealMeeting.meeting_id)
        .execution_options(populate_existing=True)
    )
    return rows.all()


def view_of(meeting: DealMeeting) -> MeetingView:
    """The meeting as the API shows it."""
    return MeetingView(
        id=meeting.meeting_id,
        deal_id=meeting.deal_id,
        state=meeting.state,
        starts_at=meeting.starts_at,
        place=meeting.place,
        booked_by=meeting.booked_by,
        booked_at=meeting.booked_at,
        outcome_by=meeting.outcome_by,
        outcome_at=meeting.outcome_at,
    )
