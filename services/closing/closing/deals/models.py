"""What callers send about deals and what they are answered."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from closing.contracts.models import ContractView
from closing.deals.doing import ActedRequest
from closing.meetings.models import MeetingView
from closing.payments.models import PaymentView
from conveyor.contracts.closing import LossReason
from conveyor.contracts.values import Company, IdentifiedContact, LongText, TouchSummary
from conveyor.handoffs.ownership.queries import OwnerIntervalView
from conveyor.kit.http.models import AnswerModel, BusinessInstant, RequestModel

DealState = Literal["open", "won", "lost"]
AnswerText = Annotated[str, StringConstraints(min_length=1, max_length=5000, pattern=r"^[^\x00]*$")]


def _worded(answer: object) -> object:
    return ("yes" if answer else "no") if isinstance(answer, bool) else answer


class AnswerCriterion(ActedRequest):
    """What is known about a criterion, and from where. A ticked box (`true`, `false`) is kept as `yes` or `no`."""

    answer: Annotated[AnswerText, BeforeValidator(_worded, json_schema_input_type=AnswerText | bool)]
    evidence: AnswerText


class MoveDeal(RequestModel):
    """From `from` on the deal belongs to `employee_id`."""

    employee_id: UUID
    from_at: Annotated[BusinessInstant, Field(alias="from")]


class LoseDeal(ActedRequest):
    """Why there will be no contract."""

    reason: LossReason
    note: LongText | None = None


class DealQuery(RequestModel):
    """Filters of the list; `employee_id` is the owner now."""

    state: DealState | None = None
    lead_id: UUID | None = None
    employee_id: UUID | None = None


class CriterionView(AnswerModel):
    """A criterion's answer with its evidence; `employee_id` is whoever gave it."""

    code: str
    answer: str
    evidence: str | None
    employee_id: UUID
    answered_at: datetime


class DealSummary(AnswerModel):
    """A deal in a list; `employee_id` owns it now, null while it is vacant."""

    id: UUID
    lead_id: UUID
    handoff_id: UUID
    company_name: str
    state: str
    employee_id: UUID | None
    opened_at: datetime
    closed_at: datetime | None
    loss_reason: str | None
    loss_note: str | None


class DealView(DealSummary):
    """A deal with everything known about it; lists are oldest first, intervals half-open."""

    company: Company
    contacts: tuple[IdentifiedContact, ...]
    needs: str | None
    touches: tuple[TouchSummary, ...]
    introduction_wanted: bool
    criteria: list[CriterionView]
    meetings: list[MeetingView]
    contracts: list[ContractView]
    owners: list[OwnerIntervalView]
    payments: list[PaymentView]
