"""What callers send about meetings and what they are answered."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from closing.deals.doing import ActedRequest
from conveyor.contracts.values import Text
from conveyor.kit.http.models import AnswerModel, BusinessInstant


class RebookMeeting(ActedRequest):
    """A meeting booked by closing; `starts_at` lies after `occurred_at`."""

    starts_at: BusinessInstant
    place: Text | None = None


class RecordOutcome(ActedRequest):
    """Whether the client came."""

    meeting_id: UUID
    outcome: Literal["held", "missed"]


class MeetingView(AnswerModel):
    """A meeting of a deal. `outcome_at` is when it was held, missed or cancelled."""

    id: UUID
    deal_id: UUID
    state: str
    starts_at: datetime
    place: str | None
    booked_by: UUID
    booked_at: datetime
    outcome_by: UUID | None
    outcome_at: datetime | None
