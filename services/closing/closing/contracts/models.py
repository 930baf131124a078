"""What callers send about contracts and what they are answered."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from closing.deals.doing import ActedRequest
from conveyor.contracts.values import PositiveMoney, Reference, Text, WireMoney
from conveyor.kit.http.models import AnswerModel, BusinessInstant


class SignContract(ActedRequest):
    """A signed contract. `occurred_at` is when the lead is offered to account, `signed_at` unless said."""

    number: Text
    signed_at: BusinessInstant
    value: PositiveMoney | None = None
    references: Annotated[tuple[Reference, ...], Field(max_length=50)] = ()


class ContractView(AnswerModel):
    """A contract of a deal.

    `handoff_id` is the first offer to account that names it: its signing made it, unless another one stood then.
    """

    id: UUID
    deal_id: UUID
    lead_id: UUID
    number: str
    signed_at: datetime
    value: WireMoney | None
    references: list[Reference]
    handoff_id: UUID | None


class AccountOfferView(AnswerModel):
    """A handoff offered to account."""

    id: UUID
    lead_id: UUID
    deal_id: UUID
    contract_number: str
    state: str
