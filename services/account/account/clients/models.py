"""What callers send about clients and what they are answered."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from account.contracts.models import ContractView
from account.payments.models import PaymentView
from account.payments.rules import Age
from conveyor.contracts.values import Company, CriterionAnswer, IdentifiedContact, TouchSummary
from conveyor.handoffs.ownership.queries import OwnerIntervalView
from conveyor.kit.http.models import AnswerModel, BusinessInstant, RequestModel


class MoveClient(RequestModel):
    """From `from` on the client belongs to `employee_id`."""

    employee_id: UUID
    from_at: Annotated[BusinessInstant, Field(alias="from")]


class ClientQuery(RequestModel):
    """Filters of the list; `employee_id` is the owner now."""

    lead_id: UUID | None = None
    employee_id: UUID | None = None


class ClientSummary(AnswerModel):
    """A client in a list; `employee_id` owns it now, null while it is vacant.

    `since` is the payment from which its age counts, `mature_from` the end of its newness, `age` what it is now; all
    three are null until something is paid.
    """

    id: UUID
    lead_id: UUID
    handoff_id: UUID
    company_name: str
    employee_id: UUID | None
    opened_at: datetime
    since: datetime | None
    mature_from: datetime | None
    age: Age | None


class ClientView(ClientSummary):
    """A client with everything known about it; lists are oldest first, intervals half-open."""

    company: Company
    contacts: tuple[IdentifiedContact, ...]
    needs: str | None
    criteria: tuple[CriterionAnswer, ...]
    touches: tuple[TouchSummary, ...]
    introduction_wanted: bool
    contracts: list[ContractView]
    owners: list[OwnerIntervalView]
    payments: list[PaymentView]
