"""Contracts as the API shows them."""

from datetime import datetime
from uuid import UUID

from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel


class ContractView(AnswerModel):
    """A contract of the client; `value` when it named one."""

    number: str
    deal_id: UUID
    signed_at: datetime
    value: WireMoney | None
