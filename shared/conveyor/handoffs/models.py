"""What callers send to the inbox and what it answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from conveyor.contracts.handoffs import ReturnReason
from conveyor.contracts.values import (
    Company,
    CriterionAnswer,
    IdentifiedContact,
    LongText,
    MeetingSummary,
    TouchSummary,
)
from conveyor.kit.http.models import AnswerModel, BusinessInstant, RequestModel

HandoffState = Literal["offered", "accepted", "returned", "withdrawn"]


class AcceptHandoff(RequestModel):
    """`occurred_at` when it was accepted (default now); `employee_id` who did, named by integration and admin only."""

    employee_id: UUID | None = None
    occurred_at: BusinessInstant | None = None


class ReturnHandoff(AcceptHandoff):
    """Why the lead goes back."""

    reason: ReturnReason
    note: LongText | None = None


class AssignHandoff(RequestModel):
    """Who should answer it from now on."""

    employee_id: UUID


class HandoffQuery(RequestModel):
    """Filters of the inbox; `employee_id` is whoever answered it, else whom it is routed to."""

    state: HandoffState | None = None
    lead_id: UUID | None = None
    employee_id: UUID | None = None
    escalated: bool | None = None


class HandoffView(AnswerModel):
    """A handoff in the inbox with everything the next person needs.

    `employee_id` is whoever answered it, else whom it is routed to; null when nobody is there to take it. `deal_id` is
    the deal that its acceptance opened, or the deal it comes from. `overdue_level` counts how often its deadline passed
    (0, 1, 2), `due_at` is the deadline as far as the bus named it; it waits for the head since `escalated_at`.
    """

    id: UUID
    lead_id: UUID
    state: str
    from_stage: str
    to_stage: str
    offered_by: UUID
    offered_at: datetime
    employee_id: UUID | None
    answered_at: datetime | None
    reason: Annotated[str | None, Field(description="Why it was returned.")]
    note: str | None
    deal_id: UUID | None
    company: Company
    contacts: tuple[IdentifiedContact, ...]
    needs: str | None
    criteria: tuple[CriterionAnswer, ...]
    touches: tuple[TouchSummary, ...]
    meeting: MeetingSummary | None
    contract_number: str | None
    introduction_wanted: bool
    due_at: datetime | None = None
    overdue_level: int = 0
    escalated_at: datetime | None = None
