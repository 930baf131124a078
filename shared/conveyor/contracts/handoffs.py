"""Facts of a handoff's life. The offering stage says `handoff_offered`; all the rest only the receiving stage says."""

from typing import Literal
from uuid import UUID

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import (
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


class HandoffOffered(Fact):
    """A lead is offered to the next stage with everything its next person needs."""

    handoff_id: UUID
    lead_id: UUID
    from_stage: Stage
    to_stage: Stage
    offered_by: UUID
    company: Company
    contacts: tuple[IdentifiedContact, ...] = ()
    needs: LongText | None = None
    criteria: tuple[CriterionAnswer, ...] = ()
    touches: tuple[TouchSummary, ...] = ()
    meeting: MeetingSummary | None = None
    deal_id: UUID | None = None
    contract_number: Text | None = None
    introduction_wanted: bool = False


class HandoffRouted(Fact):
    """The receiving stage named the person who should answer; none when nobody is there to take it."""

    handoff_id: UUID
    lead_id: UUID
    to_stage: Stage
    employee_id: UUID | None


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
    note: LongText | None = None


class HandoffWithdrawn(Fact):
    """An offered handoff fell away before anybody answered it, e.g. because its meeting was cancelled."""

    handoff_id: UUID
    lead_id: UUID
    from_stage: Stage
    to_stage: Stage
    reason: Literal["meeting_cancelled"]
