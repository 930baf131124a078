"""Reads of booked meetings."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from telemarketing.leads.tables import Lead
from telemarketing.meetings.answers import MeetingView, meeting_view
from telemarketing.meetings.rules import MeetingState
from telemarketing.meetings.tables import Meeting, MeetingOutcome


def meetings_seen_by(sdr_id: UUID | None) -> Select[Meeting]:
    """All meetings; for an SDR those that he booked or whose lead he owns."""
    statement = select(Meeting)
    if sdr_id is None:
        return statement
    own_leads = select(Lead.lead_id).where(Lead.owner_id == sdr_id)
    return statement.where(or_(Meeting.employee_id == sdr_id, Meeting.lead_id.in_(own_leads)))


async def seen_meeting(session: AsyncSession, *, meeting_id: UUID, sdr_id: UUID | None) -> Meeting:
    """The meeting, if the caller may see it. Raises NotFound otherwise."""
    meeting = await session.scalar(meetings_seen_by(sdr_id).where(Meeting.meeting_id == meeting_id))
    if meeting is None:
        raise NotFound
    return meeting


async def outcome_of(session: AsyncSession, meeting_id: UUID) -> MeetingOutcome | None:
    """What closing said of the meeting, if anything."""
    return (await outcomes_of(session, [meeting_id])).get(meeting_id)


async def outcomes_of(session: AsyncSession, meeting_ids: Iterable[UUID]) -> dict[UUID, MeetingOutcome]:
    """What closing said of each meeting."""
    rows = await session.scalars(
        select(MeetingOutcome)
        .where(MeetingOutcome.meeting_id.in_(list(meeting_ids)))
        .execution_options(populate_existing=True)
    )
    return {row.meeting_id: row for row in rows}


async def list_meetings(
    session: AsyncSession,
    *,
    seen: Select[Meeting],
    lead_id: UUID | None,
    employee_id: UUID | None,
    state: MeetingState | None,
    page: PageRequest,
) -> Page[MeetingView]:
    """A page of the meetings in `seen`, oldest id first."""
    if lead_id is not None:
        seen = seen.where(Meeting.lead_id == lead_id)
    if employee_id is not None:
        seen = seen.where(Meeting.employee_id == employee_id)
    if state is not None:
        seen = _in_state(seen, state)
    meetings, next_cursor = await page_of(session, seen, key=(Meeting.meeting_id,), page=page)
    return Page(items=await meeting_views(session, meetings), next_cursor=next_cursor)


async def meeting_views(session: AsyncSession, meetings: Sequence[Meeting]) -> list[MeetingView]:
    """The meetings with their outcomes."""
    outcomes = await outcomes_of(session, [meeting.meeting_id for meeting in meetings])
    return [meeting_view(meeting, outcomes.get(meeting.meeting_id)) for meeting in meetings]


def _in_state(seen: Select[Meeting], state: MeetingState) -> Select[Meeting]:
    # The same as rules.meeting_state, as a condition.
    if state in {"held", "missed"}:
        return seen.where(
            exists().where(and_(MeetingOutcome.meeting_id == Meeting.meeting_id, MeetingOutcome.outcome == state))
        )
    is_cancelled = Meeting.cancelled_at.is_not(None) if state == "cancelled" else Meeting.cancelled_at.is_(None)
    return seen.where(is_cancelled, ~exists().where(MeetingOutcome.meeting_id == Meeting.meeting_id))
