"""What the engine reads: facts of one department as frozen values. Times are aware UTC, money is integer minor units.

Every fact has an `identity`; two facts with one identity are one fact, however often it was delivered.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol, TypeVar
from uuid import UUID

from conveyor.contracts.values import Stage
from conveyor.kit.calendar import BusinessCalendar, Month
from conveyor.kit.money import Money

WorkKind = Literal[
    "letter_general",
    "gatekeeper_passed",
    "need_identified",
    "letter_decision_maker",
    "meeting_booked",
]
WithdrawalKind = Literal["meeting_cancelled", "meeting_missed", "handoff_returned"]
Identity = tuple[Hashable, ...]


class Identified(Protocol):
    """Whatever has an identity."""

    @property
    def identity(self) -> Identity:
        """Equal for repetitions of one fact."""
        ...


T = TypeVar("T", bound=Identified)


def unique(facts: Iterable[T]) -> list[T]:
    """Each fact once. Of two that contradict each other under one identity the same one wins in any order."""
    seen: dict[Identity, T] = {}
    for fact in facts:
        known = seen.setdefault(fact.identity, fact)
        if known is not fact and known != fact:
            seen[fact.identity] = min(known, fact, key=repr)
    return list(seen.values())


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """Money from a client. `reference` is the (system, value) under which it came."""

    fact_id: UUID
    source: str
    payment_id: str
    lead_id: UUID
    paid_at: datetime
    amount: Money
    reference: tuple[str, str]
    vat: Money | None = None
    delivery_id: UUID | None = None

    @property
    def identity(self) -> Identity:
        """A payment is known by its id at its source."""
        return ("payment", self.source, self.payment_id)


@dataclass(frozen=True, slots=True)
class RefundFact:
    """Money given back of the payment (`source`, `payment_id`); it may arrive before that payment."""

    fact_id: UUID
    source: str
    refund_id: str
    payment_id: str
    lead_id: UUID
    refunded_at: datetime
    amount: Money
    delivery_id: UUID | None = None

    @property
    def identity(self) -> Identity:
        """A refund is known by its id at its source."""
        return ("refund", self.source, self.refund_id)


@dataclass(frozen=True, slots=True)
class WorkFact:
    """One paid step of work on a lead. A booked meeting names its `meeting_id` and `handoff_id`."""

    fact_id: UUID
    kind: WorkKind
    employee_id: UUID
    lead_id: UUID
    occurred_at: datetime
    meeting_id: UUID | None = None
    handoff_id: UUID | None = None
    delivery_id: UUID | None = None

    @property
    def identity(self) -> Identity:
        """The fact's own id."""
        return ("work", self.fact_id)


@dataclass(frozen=True, slots=True)
class WithdrawalFact:
    """What undoes work: a meeting (by `meeting_id`) or a handoff (by `handoff_id`). `reason` is a code of its list."""

    fact_id: UUID
    kind: WithdrawalKind
    occurred_at: datetime
    meeting_id: UUID | None = None
    handoff_id: UUID | None = None
    reason: str | None = None

    @property
    def identity(self) -> Identity:
        """The fact's own id."""
        return ("withdrawal", self.fact_id)


@dataclass(frozen=True, slots=True)
class MeetingHeldFact:
    """A booked meeting took place: it confirms the work that booked it."""

    fact_id: UUID
    meeting_id: UUID
    lead_id: UUID
    occurred_at: datetime

    @property
    def identity(self) -> Identity:
        """A meeting is held once."""
        return ("meeting_held", self.meeting_id)


@dataclass(frozen=True, slots=True)
class AcceptanceFact:
    """A handoff was accepted: `employee_id` owns the deal (closing) or the client (account) from `occurred_at`."""

    fact_id: UUID
    handoff_id: UUID
    from_stage: Stage
    to_stage: Stage
    employee_id: UUID
    lead_id: UUID
    occurred_at: datetime
    deal_id: UUID | None = None

    @property
    def identity(self) -> Identity:
        """A handoff is accepted once."""
        return ("acceptance", self.handoff_id)


@dataclass(frozen=True, slots=True)
class OwnerChangeFact:
    """From `from_at` on the deal (`deal_id` given) or the client (no `deal_id`) belongs to `employee_id`."""

    fact_id: UUID
    lead_id: UUID
    employee_id: UUID
    from_at: datetime
    revision: int
    deal_id: UUID | None = None

    @property
    def identity(self) -> Identity:
        """A change is known by what it changes and its revision."""
        return ("owner_change", self.deal_id or self.lead_id, self.revision)


@dataclass(frozen=True, slots=True)
class DealFact:
    """A deal was opened by accepting `handoff_id`. An acceptance that names a deal says the same; either is enough."""

    fact_id: UUID
    deal_id: UUID
    lead_id: UUID
    opened_at: datetime
    handoff_id: UUID | None = None

    @property
    def identity(self) -> Identity:
        """A deal is opened once."""
        return ("deal", self.deal_id)


@dataclass(frozen=True, slots=True)
class ContractFact:
    """A contract of a deal, with the (system, value) references under which its payments may come."""

    fact_id: UUID
    deal_id: UUID
    lead_id: UUID
    number: str
    signed_at: datetime
    references: tuple[tuple[str, str], ...] = ()

    @property
    def identity(self) -> Identity:
        """The fact's own id: a deal may have several contracts."""
        return ("contract", self.fact_id)


@dataclass(frozen=True, slots=True)
class CallFact:
    """A finished call; it counts for its employee by `started_at`, whatever lead it was about."""

    fact_id: UUID
    source: str
    call_id: str
    employee_id: UUID
    started_at: datetime
    duration_seconds: int

    @property
    def identity(self) -> Identity:
        """A call is known by its id at its source."""
        return ("call", self.source, self.call_id)


@dataclass(frozen=True, slots=True)
class EmployeeFact:
    """An employee as the roster knows him; the highest `revision` stands."""

    employee_id: UUID
    role: str
    payroll_number: str
    hired_on: date
    left_on: date | None = None
    successor_id: UUID | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class CallTally:
    """How many calls of each duration: `((duration_seconds, calls), …)` of one employee and month, in any order."""

    by_duration: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, calls: Iterable[CallFact]) -> "CallTally":
        """From the calls of one employee and month; repeated calls count once."""
        counts: dict[int, int] = {}
        for call in unique(calls):
            counts[call.duration_seconds] = counts.get(call.duration_seconds, 0) + 1
        return cls(tuple(sorted(counts.items())))

    def at_least(self, seconds: int) -> int:
        """Calls of at least this many seconds."""
        return sum(calls for duration, calls in self.by_duration if duration >= seconds)


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """Everything known of one lead, in any order, repetitions allowed."""

    lead_id: UUID
    payments: tuple[PaymentFact, ...] = ()
    refunds: tuple[RefundFact, ...] = ()
    work: tuple[WorkFact, ...] = ()
    withdrawals: tuple[WithdrawalFact, ...] = ()
    acceptances: tuple[AcceptanceFact, ...] = ()
    owner_changes: tuple[OwnerChangeFact, ...] = ()
    deals: tuple[DealFact, ...] = ()
    contracts: tuple[ContractFact, ...] = ()
    meetings_held: tuple[MeetingHeldFact, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonMonthFacts:
    """One employee's month: work done in it (department's zone), withdrawals of that work whenever made, calls."""

    employee_id: UUID
    month: Month
    work: tuple[WorkFact, ...] = ()
    withdrawals: tuple[WithdrawalFact, ...] = ()
    calls: CallTally = CallTally()


def month_starts_and_ends(calendar: BusinessCalendar, month: Month) -> tuple[datetime, datetime]:
    """The half-open interval of instants (UTC) of a month: what a reader of work and calls has to ask for."""
    return calendar.start_of(month.first_day), calendar.end_of_month(month)
