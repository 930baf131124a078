"""How the history of a lead is answered."""

from datetime import datetime
from uuid import UUID

from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel
from telemarketing.handoffs.answers import HandoffView
from telemarketing.leads.answers import LeadView
from telemarketing.meetings.answers import MeetingView
from telemarketing.touches.answers import TouchView


class CallView(AnswerModel):
    """A call; `id` is unique within `source`."""

    id: str
    source: str
    employee_id: UUID
    direction: str
    started_at: datetime
    duration_seconds: int
    recording_url: str | None


class ReplyView(AnswerModel):
    """An answer of the lead."""

    id: str
    source: str
    kind: str
    received_at: datetime
    text: str | None
    employee_id: UUID | None


class InquiryView(AnswerModel):
    """The lead came by itself."""

    received_at: datetime
    channel: str
    campaign: str | None
    mechanics: str


class PaymentView(AnswerModel):
    """Money that the lead paid, with what was given back of it."""

    id: str
    source: str
    paid_at: datetime
    amount: WireMoney


class RefundView(AnswerModel):
    """Money that was given back of `payment_id`."""

    id: str
    source: str
    payment_id: str
    refunded_at: datetime
    amount: WireMoney


class MilestoneView(AnswerModel):
    """`client` or `lost`, as the later stages said."""

    kind: str
    occurred_at: datetime
    employee_id: UUID
    reason: str | None
    note: str | None


class LeadHistory(AnswerModel):
    """What happened, each list oldest first and cut to its latest 200."""

    inquiries: tuple[InquiryView, ...]
    touches: tuple[TouchView, ...]
    calls: tuple[CallView, ...]
    replies: tuple[ReplyView, ...]
    meetings: tuple[MeetingView, ...]
    handoffs: tuple[HandoffView, ...]
    payments: tuple[PaymentView, ...]
    refunds: tuple[RefundView, ...]
    milestones: tuple[MilestoneView, ...]


class LeadWithHistory(LeadView):
    """A lead with its history."""

    history: LeadHistory
