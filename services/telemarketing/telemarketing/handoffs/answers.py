"""How an outgoing handoff is answered."""

from datetime import datetime
from uuid import UUID

from conveyor.kit.http.models import AnswerModel
from telemarketing.handoffs.rules import HandoffState


class HandoffView(AnswerModel):
    """A handoff that telemarketing offered. `routed_to` is who should answer it, `answered_by` who did."""

    id: UUID
    lead_id: UUID
    meeting_id: UUID
    to_stage: str
    state: HandoffState
    offered_by: UUID
    offered_at: datetime
    routed_to: UUID | None = None
    answered_at: datetime | None = None
    answered_by: UUID | None = None
    deal_id: UUID | None = None
    reason: str | None = None
    note: str | None = None
