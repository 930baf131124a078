"""Disputes as they are answered."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from conveyor.bonuses.adjustments.views import AdjustmentView
from conveyor.kit.http.models import AnswerModel

DisputeState = Literal["open", "upheld", "rejected"]


class DisputeSummary(AnswerModel):
    """A dispute; without `entry_id` it is about a line that is missing."""

    id: UUID
    employee_id: UUID
    period: str
    entry_id: UUID | None
    component: str | None
    cause_id: str | None
    lead_id: UUID | None
    state: str
    raised_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None


class MessageView(AnswerModel):
    """One message; `author` is the subject of a token."""

    id: UUID
    author: str
    author_role: str
    written_at: datetime
    text: str


class DisputeView(DisputeSummary):
    """A dispute with its thread, oldest first, and the adjustments that answer it."""

    messages: list[MessageView]
    adjustments: list[AdjustmentView]
