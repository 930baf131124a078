"""A fact in a few words. Pure."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from conveyor.contracts import closing, handoffs, outside, references, telemarketing
from conveyor.contracts.envelope import Fact

SUMMARY_LENGTH_MAX = 300


def summary_of(fact: Fact) -> str:
    """What happened, for a reader who knows the type of the fact; empty when the type says it all."""
    return _words(fact)[:SUMMARY_LENGTH_MAX]


def employee_of(fact: Fact) -> UUID | None:
    """The employee whom the fact names: who did it, to whom it was routed, who owns the lead from then on."""
    for field in ("employee_id", "offered_by", "owner_id"):
        employee_id = getattr(fact, field, None)
        if isinstance(employee_id, UUID):
            return employee_id
    return None


def _words(fact: Fact) -> str:
    words = _WORDS.get(type(fact))
    return words(fact) if words else ""


def _stages(fact: Any) -> str:  # noqa: ANN401 - each fact of a handoff that names both stages
    return f"{fact.from_stage} → {fact.to_stage}"


def _lead(fact: telemarketing.LeadRecorded | outside.LeadReceived) -> str:
    return f"{fact.company.name}, {fact.channel}, {fact.mechanics}"


_WORDS: dict[type[Fact], Callable[[Any], str]] = {
    telemarketing.LeadRecorded: _lead,
    outside.LeadReceived: _lead,
    references.ReferenceAssigned: lambda fact: f"{fact.reference.system} {fact.reference.value}",
    references.ReferenceAwarded: lambda fact: f"{fact.reference.system} {fact.reference.value}: {fact.reason}",
    telemarketing.TouchRecorded: lambda fact: fact.kind if fact.note is None else f"{fact.kind}: {fact.note}",
    telemarketing.MeetingBooked: lambda fact: f"for {fact.starts_at.isoformat()}",
    closing.MeetingRebooked: lambda fact: f"for {fact.starts_at.isoformat()}",
    telemarketing.MeetingCancelled: lambda fact: str(fact.reason),
    handoffs.HandoffOffered: _stages,
    handoffs.HandoffRouted: lambda fact: fact.to_stage if fact.employee_id else f"{fact.to_stage}: nobody to take it",
    handoffs.HandoffDueSoon: lambda fact: f"{fact.to_stage}: due {fact.due_at.isoformat()}",
    handoffs.HandoffOverdue: lambda fact: f"{fact.to_stage}: due {fact.due_at.isoformat()}, {fact.level}. time",
    handoffs.HandoffAccepted: _stages,
    handoffs.HandoffReturned: lambda fact: f"{_stages(fact)}: {fact.reason}",
    handoffs.HandoffWithdrawn: lambda fact: str(fact.reason),
    closing.DealCriterionAnswered: lambda fact: f"{fact.code}: {fact.answer}",
    closing.ContractSigned: lambda fact: str(fact.number),
    closing.DealLost: lambda fact: str(fact.reason),
    outside.CallRecorded: lambda fact: f"{fact.direction}, {fact.duration_seconds} s",
    outside.PaymentReceived: lambda fact: f"{fact.payment_id}: {fact.amount.amount} {fact.amount.currency}",
    outside.PaymentRefunded: lambda fact: (
        f"{fact.refund_id} of {fact.payment_id}: {fact.amount.amount} {fact.amount.currency}"
    ),
    outside.ReplyReceived: lambda fact: str(fact.kind),
}
