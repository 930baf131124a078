"""Cancelling a booked meeting. Closing, on hearing it, withdraws the handoff that nobody answered yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from conveyor.contracts.telemarketing import MeetingCancelled
from telemarketing.meetings.answers import MeetingView, meeting_view
from telemarketing.meetings.queries import outcome_of, seen_meeting
from telemarketing.meetings.rules import check_cancelled_after_booking, check_may_cancel
from telemarketing.meetings.tables import Meeting
from telemarketing.sdrs import known_sdr
from telemarketing.wiring import Caller, Desk

CancellationReason = Literal["client_cancelled", "we_cancelled", "duplicate"]


@dataclass(frozen=True, slots=True)
class CancelMeeting:
    """The meeting fell away at `occurred_at` (now when empty); `employee_id` is who says so, where it was a person."""

    meeting_id: UUID
    employee_id: UUID | None
    reason: CancellationReason
    occurred_at: datetime | None


async def cancel_meeting(desk: Desk, *, caller: Caller, seen_by: UUID | None, command: CancelMeeting) -> MeetingView:
    """Cancel it. Raises NotFound, Invalid, MeetingAlreadyCancelled, MeetingAlreadyOver (held or missed)."""
    if command.employee_id is not None:
        await known_sdr(desk.database, command.employee_id)
    async with desk.database.transaction() as tx:
        cancelled_at = desk.business_time(command.occurred_at, now=tx.now, role=caller.role)
        await seen_meeting(tx.session, meeting_id=command.meeting_id, sdr_id=seen_by)
        meeting = (
            await tx.session.scalars(
                select(Meeting)
                .where(Meeting.meeting_id == command.meeting_id)
                .with_for_update()
                .execution_options(populate_existing=True)
            )
        ).one()
        outcome = await outcome_of(tx.session, meeting.meeting_id)
        check_may_cancel(
            cancelled=meeting.cancelled_at is not None, outcome=None if outcome is None else outcome.outcome
        )
        check_cancelled_after_booking(cancelled_at=cancelled_at, booked_at=meeting.occurred_at)
        meeting.cancelled_at = cancelled_at
        meeting.cancellation_reason = command.reason
        tx.say(
            MeetingCancelled(
                meeting_id=meeting.meeting_id,
                lead_id=meeting.lead_id,
                handoff_id=meeting.handoff_id,
                employee_id=command.employee_id,
                reason=command.reason,
            ),
            occurred_at=cancelled_at,
        )
        return await tx.commit(meeting_view(meeting, None))
