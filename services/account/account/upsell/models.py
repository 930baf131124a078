"""What callers send about an upsell and what they are answered."""

from uuid import UUID

from conveyor.contracts.values import LongText
from conveyor.kit.http.models import AnswerModel, BusinessInstant, RequestModel


class OfferUpsell(RequestModel):
    """What the client may want next. Only integration and admin name `employee_id`."""

    needs: LongText
    introduction_wanted: bool = True
    employee_id: UUID | None = None
    occurred_at: BusinessInstant | None = None


class UpsellView(AnswerModel):
    """The handoff to closing."""

    id: UUID
    lead_id: UUID
    state: str
