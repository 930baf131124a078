"""Reading everything that happened to a lead."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from conveyor.kit.money import Money
from telemarketing.calls.tables import Call
from telemarketing.handoffs.queries import handoff_views
from telemarketing.handoffs.tables import OutgoingHandoff
from telemarketing.history.answers import (
    CallView,
    InquiryView,
    LeadHistory,
    LeadWithHistory,
    MilestoneView,
    PaymentView,
    RefundView,
    ReplyView,
)
from telemarketing.leads.queries import lead_views
from telemarketing.leads.tables import Inquiry, Lead
from telemarketing.meetings.queries import meeting_views
from telemarketing.meetings.tables import Meeting
from telemarketing.payments.tables import LeadPayment, LeadRefund
from telemarketing.progress.tables import Milestone
from telemarketing.replies.tables import Reply
from telemarketing.touches.answers import touch_view
from telemarketing.touches.queries import latest_touches

EACH_MAX: Final = 200


async def lead_with_history(session: AsyncSession, lead: Lead) -> LeadWithHistory:
    """The lead with its history."""
    [view] = await lead_views(session, [lead])
    return LeadWithHistory(**dict(view), history=await history_of(session, lead.lead_id))


async def history_of(session: AsyncSession, lead_id: UUID) -> LeadHistory:
    """What happened to the lead, each list oldest first and cut to its latest EACH_MAX."""

    async def latest(statement: Select[Any], moment: InstrumentedAttribute[Any]) -> list[Any]:
        rows = (await session.scalars(statement.order_by(moment.desc()).limit(EACH_MAX))).all()
        return [*rows[::-1]]

    inquiries = await latest(select(Inquiry).where(Inquiry.lead_id == lead_id), Inquiry.received_at)
    calls = await latest(select(Call).where(Call.lead_id == lead_id), Call.started_at)
    replies = await latest(select(Reply).where(Reply.lead_id == lead_id), Reply.received_at)
    meetings = await latest(select(Meeting).where(Meeting.lead_id == lead_id), Meeting.occurred_at)
    handoffs = await latest(
        select(OutgoingHandoff).where(OutgoingHandoff.lead_id == lead_id), OutgoingHandoff.offered_at
    )
    payments = await latest(select(LeadPayment).where(LeadPayment.lead_id == lead_id), LeadPayment.paid_at)
    refunds = await latest(select(LeadRefund).where(LeadRefund.lead_id == lead_id), LeadRefund.refunded_at)
    milestones = await latest(select(Milestone).where(Milestone.lead_id == lead_id), Milestone.occurred_at)
    return LeadHistory(
        inquiries=tuple(InquiryView.model_validate(row) for row in inquiries),
        touches=tuple(map(touch_view, await latest_touches(session, lead_id, touches_max=EACH_MAX))),
        calls=tuple(map(_call, calls)),
        replies=tuple(map(_reply, replies)),
        meetings=tuple(await meeting_views(session, meetings)),
        handoffs=tuple(await handoff_views(session, handoffs)),
        payments=tuple(map(_payment, payments)),
        refunds=tuple(map(_refund, refunds)),
        milestones=tuple(MilestoneView.model_validate(row) for row in milestones),
    )


def _call(row: Call) -> CallView:
    return CallView(
        id=row.call_id,
        source=row.source,
        employee_id=row.employee_id,
        direction=row.direction,
        started_at=row.started_at,
        duration_seconds=row.duration_seconds,
        recording_url=row.recording_url,
    )


def _reply(row: Reply) -> ReplyView:
    return ReplyView(
        id=row.reply_id,
        source=row.source,
        kind=row.kind,
        received_at=row.received_at,
        text=row.body,
        employee_id=row.employee_id,
    )


def _payment(row: LeadPayment) -> PaymentView:
    amount = Money(row.amount_minor, row.currency).to_wire()
    return PaymentView(id=row.payment_id, source=row.source, paid_at=row.paid_at, amount=amount)


def _refund(row: LeadRefund) -> RefundView:
    return RefundView(
        id=row.refund_id,
        source=row.source,
        payment_id=row.payment_id,
        refunded_at=row.refunded_at,
        amount=Money(row.amount_minor, row.currency).to_wire(),
    )
