"""What callers send about nurture and what they are answered."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from closing.deals.doing import ActedRequest
from conveyor.contracts.closing import LossReason
from conveyor.contracts.values import LongText
from conveyor.kit.http.models import AnswerModel


class NurtureDeal(ActedRequest):
    """Not now: the deal ends, and the lead comes into telemarketing's queue again on the day `until`."""

    until: Annotated[date, Field(description="The day from which somebody calls again, in the department's zone.")]
    reason: LossReason
    note: LongText | None = None


class NurtureView(AnswerModel):
    """The handoff back to telemarketing, `id`, and the deal that it ended."""

    id: UUID
    lead_id: UUID
    deal_id: UUID
    state: str
    until: date
