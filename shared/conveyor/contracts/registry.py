"""The one list: fact ↔ model ↔ who may say it ↔ which field is its key.

NATS permissions, JSON schemas, samples and the AsyncAPI document are generated from here (`make generate`).
"""

from dataclasses import dataclass

from conveyor.contracts import (
    account,
    bonuses,
    closing,
    erasure,
    handoffs,
    messages,
    outside,
    payroll,
    references,
    roster,
    telemarketing,
)
from conveyor.contracts.envelope import SUBJECT_ROOT, Envelope, Fact

SERVICES = ("telemarketing", "closing", "account", "handoff-bus")
STAGES = ("telemarketing", "closing", "account")
BUS = ("handoff-bus",)


@dataclass(frozen=True)
class FactKind:
    """One version of one fact."""

    name: str
    version: int
    model: type[Fact]
    owners: tuple[str, ...]
    key: tuple[str, ...]
    """Fields that may be the key, first one present wins; empty for the department's own single key."""

    @property
    def code(self) -> str:
        """The fact without its publisher, e.g. `payment_received.v1`."""
        return f"{self.name}.v{self.version}"

    def type_for(self, service: str) -> str:
        """The CloudEvents type when `service` says it. Raises ValueError when it may not."""
        if service not in self.owners:
            msg = f"{service} may not say {self.name}"
            raise ValueError(msg)
        return f"{SUBJECT_ROOT}.{service}.{self.name}.v{self.version}"

    def key_of(self, fact: Fact) -> str:
        """The last token of the subject for this fact."""
        for field in self.key:
            value = getattr(fact, field)
            if value is not None:
                return str(value)
        return "department"


def _kind(model: type[Fact], name: str, owners: tuple[str, ...], *key: str) -> FactKind:
    return FactKind(name=name, version=1, model=model, owners=owners, key=key)


FACT_KINDS: tuple[FactKind, ...] = (
    _kind(roster.EmployeeRecorded, "employee_recorded", BUS, "employee_id"),
    _kind(roster.AbsenceRecorded, "absence_recorded", BUS, "employee_id"),
    _kind(roster.ChainRecorded, "chain_recorded", BUS, "chain_id"),
    _kind(roster.CalendarRecorded, "calendar_recorded", BUS),
    _kind(outside.CallRecorded, "call_recorded", BUS, "lead_id", "employee_id"),
    _kind(outside.PaymentReceived, "payment_received", BUS, "lead_id"),
    _kind(outside.PaymentRefunded, "payment_refunded", BUS, "lead_id"),
    _kind(outside.LeadReceived, "lead_received", BUS, "lead_id"),
    _kind(outside.ReplyReceived, "reply_received", BUS, "lead_id"),
    _kind(references.ReferenceAssigned, "reference_assigned", SERVICES, "lead_id"),
    _kind(references.ReferenceAwarded, "reference_awarded", BUS, "lead_id"),
    _kind(telemarketing.LeadRecorded, "lead_recorded", ("telemarketing",), "lead_id"),
    _kind(telemarketing.TouchRecorded, "touch_recorded", ("telemarketing",), "lead_id"),
    _kind(telemarketing.MeetingBooked, "meeting_booked", ("telemarketing",), "lead_id"),
    _kind(telemarketing.MeetingCancelled, "meeting_cancelled", ("telemarketing",), "lead_id"),
    _kind(handoffs.HandoffOffered, "handoff_offered", STAGES, "lead_id"),
    _kind(handoffs.HandoffRouted, "handoff_routed", STAGES, "lead_id"),
    _kind(handoffs.HandoffAccepted, "handoff_accepted", STAGES, "lead_id"),
    _kind(handoffs.HandoffReturned, "handoff_returned", STAGES, "lead_id"),
    _kind(handoffs.HandoffWithdrawn, "handoff_withdrawn", STAGES, "lead_id"),
    _kind(handoffs.HandoffDueSoon, "handoff_due_soon", BUS, "lead_id"),
    _kind(handoffs.HandoffOverdue, "handoff_overdue", BUS, "lead_id"),
    _kind(closing.DealOpened, "deal_opened", ("closing",), "lead_id"),
    _kind(closing.DealOwnerChanged, "deal_owner_changed", ("closing",), "lead_id"),
    _kind(closing.DealCriterionAnswered, "deal_criterion_answered", ("closing",), "lead_id"),
    _kind(closing.MeetingRebooked, "meeting_rebooked", ("closing",), "lead_id"),
    _kind(closing.MeetingHeld, "meeting_held", ("closing",), "lead_id"),
    _kind(closing.MeetingMissed, "meeting_missed", ("closing",), "lead_id"),
    _kind(closing.ContractSigned, "contract_signed", ("closing",), "lead_id"),
    _kind(closing.DealLost, "deal_lost", ("closing",), "lead_id"),
    _kind(account.ClientOpened, "client_opened", ("account",), "lead_id"),
    _kind(account.ClientOwnerChanged, "client_owner_changed", ("account",), "lead_id"),
    _kind(erasure.LeadErased, "lead_erased", BUS, "erasure_id"),
    _kind(erasure.PersonErased, "person_erased", BUS, "erasure_id"),
    _kind(erasure.ErasureCarriedOut, "erasure_carried_out", SERVICES, "erasure_id"),
    _kind(erasure.ErasuresReapplied, "erasures_reapplied", BUS, "reapplication_id"),
    _kind(bonuses.BonusReviewOpened, "bonus_review_opened", STAGES, "period"),
    _kind(bonuses.BonusStatementSignedOff, "bonus_statement_signed_off", STAGES, "employee_id"),
    _kind(bonuses.BonusDisputeRaised, "bonus_dispute_raised", STAGES, "employee_id"),
    _kind(bonuses.BonusDisputeResolved, "bonus_dispute_resolved", STAGES, "employee_id"),
    _kind(bonuses.BonusAdjustmentRequested, "bonus_adjustment_requested", STAGES, "employee_id"),
    _kind(bonuses.BonusAdjustmentDecided, "bonus_adjustment_decided", STAGES, "employee_id"),
    _kind(payroll.BonusPeriodClosed, "bonus_period_closed", STAGES, "period"),
    _kind(payroll.PayoutBatchFrozen, "payout_batch_frozen", STAGES, "batch_id"),
    _kind(payroll.PayoutBatchPart, "payout_batch_part", STAGES, "batch_id"),
    _kind(payroll.PayoutBatchAcknowledged, "payout_batch_acknowledged", STAGES, "batch_id"),
    _kind(payroll.PayoutLinesRejected, "payout_lines_rejected", STAGES, "batch_id"),
    _kind(payroll.PayoutBatchPaid, "payout_batch_paid", STAGES, "batch_id"),
    _kind(payroll.PayoutBatchRejected, "payout_batch_rejected", STAGES, "batch_id"),
    _kind(messages.DeadLetterRecorded, "dead_letter_recorded", SERVICES, "key"),
    _kind(messages.PublicationsListed, "publications_listed", SERVICES),
    _kind(messages.BacklogReported, "backlog_reported", SERVICES),
    _kind(messages.IntakeCompared, "intake_compared", SERVICES),
)

KIND_OF_MODEL: dict[type[Fact], FactKind] = {kind.model: kind for kind in FACT_KINDS}
KIND_OF_TYPE: dict[str, FactKind] = {kind.type_for(owner): kind for kind in FACT_KINDS for owner in kind.owners}


class UnknownFact(ValueError):
    """The envelope's type is in no registry."""


def read_fact(envelope: Envelope) -> Fact:
    """The typed data of an envelope. Raises UnknownFact, or pydantic's ValidationError for data of another shape."""
    kind = KIND_OF_TYPE.get(envelope.type)
    if kind is None:
        raise UnknownFact(envelope.type)
    return kind.model.model_validate(envelope.data)
