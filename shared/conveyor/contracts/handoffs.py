"""Facts of a handoff's life. The offering stage says `handoff_offered`; what becomes of it only the receiving one says.

The bus, which watches deadlines, says `handoff_due_soon` and `handoff_overdue`; these change nothing by themselves.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import (
    PERSONAL,
    Company,
    CriterionAnswer,
    IdentifiedContact,
    LongText,
    MeetingSummary,
    Stage,
    Text,
    TouchSummary,
)

ReturnReason = Literal[
    "not_decision_maker", "no_need", "no_budget", "wrong_segment", "duplicate", "unreachable", "other"
]

RoutingReason = Literal["offered", "roster_changed", "overdue", "escalated", "assigned"]


class HandoffOffered(Fact):
    """A lead is offered to the next stage with everything its next person needs.

    Back to nurture (closing → telemarketing) it says from which day on the lead should be called again, why it came
    back, and which handoff of telemarketing ends with it.
    """

    handoff_id: UUID
    lead_id: UUID
    from_stage: Stage
    to_stage: Stage
    offered_by: UUID
    company: Company
    contacts: tuple[IdentifiedContact, ...] = ()
    needs: Annotated[LongText | None, PERSONAL] = None
    criteria: tuple[CriterionAnswer, ...] = ()
    touches: tuple[TouchSummary, ...] = ()
    meeting: MeetingSummary | None = None
    deal_id: UUID | None = None
    contract_number: Text | None = None
    introduction_wanted: bool = False
    resume_on: date | None = None
    nurture_reason: Annotated[Text | None, PERSONAL] = None
    ends_handoff_id: UUID | None = None


class HandoffRouted(Fact):
    """The receiving stage named the person who should answer; none when nobody is there to take it."""

    handoff_id: UUID
    lead_id: UUID
    to_stage: Stage
    employee_id: UUID | None
    reason: RoutingReason | None = None


class HandoffDueSoon(Fact):
    """The bus reminds: nobody answered yet and `due_at` is near. Said once at most; `employee_id` should answer."""

    handoff_id: UUID
    lead_id: UUID
    to_stage: Stage
    employee_id: UUID | None
    due_at: AwareDatetime


class HandoffOverdue(Fact):
    """`due_at` passed without an answer: the first time (`level` 1), or once more after that (2). Each is said once."""

    handoff_id: UUID
    lead_id: UUID
    to_stage: Stage
    employee_id: UUID | None
    level: Literal[1, 2]
    due_at: AwareDatetime


class HandoffAccepted(Fact):
    """Ownership at the receiving stage begins at the envelope's `time`. `deal_id` is the deal it opened (closing)."""

    handoff_id: UUID
    lead_id: UUID
    from_stage: Stage
    to_stage: Stage
    employee_id: UUID
    deal_id: UUID | None = None


class HandoffReturned(Fact):
    """The receiving stage gave the lead back, with a reason from the list."""

    handoff_id: UUID
    lead_id: UUID
    from_stage: Stage
    to_stage: Stage
    employee_id: UUID | None = None
    reason: ReturnReason
    note: Annotated[LongText | None, PERSONAL] = None


class HandoffWithdrawn(Fact):
    """An offered handoff fell away before anybody answered it, e.g. because its meeting was cancelled."""

    handoff_id: UUID
    lead_id: UUID
    from_stage: Stage
    to_stage: Stage
    reason: Literal["meeting_cancelled"]
