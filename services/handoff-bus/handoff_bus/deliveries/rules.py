"""What a delivery becomes, given what is known. Pure: no database, no clock.

Source: DESIGN, section 2, Identity; SURFACE, kind `standard`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from conveyor.contracts.envelope import Fact
from conveyor.contracts.outside import CallRecorded, PaymentReceived, PaymentRefunded, ReplyReceived
from conveyor.contracts.values import EmployeeReference, Reference
from handoff_bus.deliveries.wake import awaited_employee, awaited_lead, awaited_payment
from handoff_bus.employees.rules import Employment, employed_under, normal_name
from handoff_bus.references.rules import normal_value
from handoff_bus.sources.kinds.standard.schema import (
    CallEvent,
    CallFinished,
    LeadEvent,
    OutsideEvent,
    PaymentEvent,
    PaymentIn,
    RefundEvent,
    RefundOut,
    ReplyEvent,
    ReplyIn,
)

Name = tuple[str, str]

# Leads first, for others may name them; refunds after their payments.
RANK: Mapping[type[OutsideEvent], int] = {LeadEvent: 0, PaymentEvent: 1, CallEvent: 2, ReplyEvent: 3, RefundEvent: 4}


@dataclass(frozen=True, slots=True)
class Letter:
    """One event of a delivery as it is read: whose it is and what it says.

    `matched_lead_id` is what a person decided; `part` is the event's place in its delivery.
    """

    delivery_id: UUID
    source_id: UUID
    source: str
    event: OutsideEvent
    matched_lead_id: UUID | None = None
    part: int = 0

    @property
    def outside_id(self) -> tuple[str, str] | None:
        """The kind and the id that are unique per source for good; an inbound lead has none."""
        match self.event:
            case CallEvent(data=data):
                return "call", data.call_id
            case PaymentEvent(data=data):
                return "payment", data.payment_id
            case RefundEvent(data=data):
                return "refund", data.refund_id
            case ReplyEvent(data=data):
                return "reply", data.reply_id
            case LeadEvent():
                return None

    @property
    def lead(self) -> Name | None:
        """The lead's name in normal form, if one is given."""
        if isinstance(self.event, RefundEvent):
            return None
        lead = self.event.data.lead
        return lead.system, normal_value(system=lead.system, value=lead.value)

    @property
    def employee(self) -> Name | None:
        """The employee's name in normal form, if one is given."""
        reference = self.event.data.employee if isinstance(self.event, (CallEvent, ReplyEvent)) else None
        return _employee_name(reference) if reference is not None else None

    @property
    def content_sha256(self) -> bytes:
        """The hash of what it says; when and in which bytes it was sent does not matter."""
        content = [self.event.type, self.event.data.model_dump(mode="json", exclude_none=True)]
        return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


@dataclass(slots=True)
class Known:
    """What the bus knows about the names in a batch of letters; grows while the batch is settled."""

    zone: ZoneInfo
    leads: dict[Name, set[UUID]] = field(default_factory=dict)
    lead_ids: set[UUID] = field(default_factory=set)
    employees: Mapping[Name, list[Employment]] = field(default_factory=dict)
    payments: dict[tuple[UUID, str], UUID] = field(default_factory=dict)
    """The lead of each published payment, by source and payment id."""


@dataclass(frozen=True, slots=True)
class Publish:
    """Say this fact."""

    fact: Fact
    occurred_at: datetime
    lead_id: UUID | None
    employee_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Park:
    """Keep it until one of `waits` appears, or a person matches it. `reason` is a stable code."""

    reason: str
    detail: str
    waits: tuple[str, ...] = ()


def decide(letter: Letter, known: Known) -> Publish | Park:
    """What to do with a letter that is no inbound lead (those change what is known, see `receive_lead`)."""
    match letter.event:
        case CallEvent(data=data):
            return _call(letter, data, known)
        case PaymentEvent(data=data):
            return _payment(letter, data, known)
        case RefundEvent(data=data):
            return _refund(letter, data, known)
        case ReplyEvent(data=data):
            return _reply(letter, data, known)
        case LeadEvent():
            msg = "an inbound lead is settled by receive_lead"
            raise TypeError(msg)


def find_lead(letter: Letter, known: Known) -> UUID | Park:
    """The one lead that the letter's name means, or why that is not known."""
    if letter.matched_lead_id is not None:
        return letter.matched_lead_id
    name = letter.lead
    if name is None:
        msg = "this letter names no lead"
        raise ValueError(msg)
    system, value = name
    leads = {UUID(value)} & known.lead_ids if system == "lead_id" else known.leads.get(name, set())
    if not leads:
        return Park("unknown_lead", f"No lead is known by this {system}.", (awaited_lead(system, value),))
    if len(leads) > 1:
        return Park("ambiguous_lead", f"{len(leads)} leads share this {system}; match it by hand.")
    return next(iter(leads))


def _call(letter: Letter, data: CallFinished, known: Known) -> Publish | Park:
    # A call counts for its employee whoever owns the lead, known or not (DESIGN, section 4, Owner).
    employee_id = _working(data.employee, data.started_at, known)
    if employee_id is None:
        name = _employee_name(data.employee)
        detail = f"Nobody employed on that day is known by this {name[0]}."
        return Park("unknown_employee", detail, (awaited_employee(*name),))
    lead = find_lead(letter, known)
    lead_id = lead if isinstance(lead, UUID) else None
    fact = CallRecorded(
        call_id=data.call_id,
        source=letter.source,
        direction=data.direction,
        started_at=data.started_at,
        duration_seconds=data.duration_seconds,
        employee_id=employee_id,
        lead_id=lead_id,
        recording_url=data.recording_url,
        delivery_id=letter.delivery_id,
    )
    return Publish(fact, data.started_at, lead_id, employee_id)


def _payment(letter: Letter, data: PaymentIn, known: Known) -> Publish | Park:
    lead = find_lead(letter, known)
    if isinstance(lead, Park):
        return lead
    fact = PaymentReceived(
        payment_id=data.payment_id,
        source=letter.source,
        lead_id=lead,
        paid_at=data.paid_at,
        amount=data.amount,
        vat=data.vat,
        reference=_normal(data.lead),
        delivery_id=letter.delivery_id,
    )
    return Publish(fact, data.paid_at, lead)


def _refund(letter: Letter, data: RefundOut, known: Known) -> Publish | Park:
    lead_id = known.payments.get((letter.source_id, data.payment_id))
    if lead_id is None:
        awaited = awaited_payment(letter.source_id, data.payment_id)
        return Park("unknown_payment", "The payment of this refund is not published yet.", (awaited,))
    fact = PaymentRefunded(
        refund_id=data.refund_id,
        payment_id=data.payment_id,
        source=letter.source,
        lead_id=lead_id,
        refunded_at=data.refunded_at,
        amount=data.amount,
        delivery_id=letter.delivery_id,
    )
    return Publish(fact, data.refunded_at, lead_id)


def _reply(letter: Letter, data: ReplyIn, known: Known) -> Publish | Park:
    lead = find_lead(letter, known)
    if isinstance(lead, Park):
        return lead
    # The employee is a hint here; an answer must not wait for the roster.
    employee_id = _working(data.employee, data.received_at, known) if data.employee else None
    fact = ReplyReceived(
        reply_id=data.reply_id,
        source=letter.source,
        lead_id=lead,
        received_at=data.received_at,
        employee_id=employee_id,
        kind=data.kind,
        text=data.text,
        delivery_id=letter.delivery_id,
    )
    return Publish(fact, data.received_at, lead, employee_id)


def _working(reference: EmployeeReference, at: datetime, known: Known) -> UUID | None:
    day = at.astimezone(known.zone).date()
    return employed_under(known.employees.get(_employee_name(reference), []), day)


def _employee_name(reference: EmployeeReference) -> Name:
    return reference.system, normal_name(system=reference.system, value=reference.value)


def _normal(reference: Reference) -> Reference:
    value = normal_value(system=reference.system, value=reference.value)
    return Reference(system=reference.system, value=value)
