"""What a delivery becomes, given what is known. Pure: no database, no clock.

Source: DESIGN, section 2, Identity; SURFACE, kind `standard`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from conveyor.contracts.envelope import Fact
from conveyor.contracts.outside import CallRecorded, PaymentReceived, PaymentRefunded, ReplyReceived
from conveyor.contracts.values import EmployeeReference, PositiveMoney, Reference
from conveyor.kit.money import Money
from handoff_bus.deliveries.letter import Letter, Name, employee_name
from handoff_bus.deliveries.refund_rules import Paid, Stretch, new_minor, payment_given_back, stretch_of
from handoff_bus.deliveries.wake import awaited_employee, awaited_lead, awaited_payment, awaited_payment_of
from handoff_bus.employees.rules import Employment, employed_under
from handoff_bus.references.rules import normal_value
from handoff_bus.sources.kinds.payments.events import RunningRefund, UnnamedRefund
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

# Leads first, for others may name them; refunds after their payments.
RANK: Mapping[type[OutsideEvent], int] = {LeadEvent: 0, PaymentEvent: 1, CallEvent: 2, ReplyEvent: 3, RefundEvent: 4}


@dataclass(slots=True)
class Known:
    """What the bus knows about the names in a batch of letters; grows while the batch is settled."""

    zone: ZoneInfo
    leads: dict[Name, set[UUID]] = field(default_factory=dict)
    lead_ids: set[UUID] = field(default_factory=set)
    employees: Mapping[Name, list[Employment]] = field(default_factory=dict)
    payments: dict[tuple[UUID, str], UUID] = field(default_factory=dict)
    """The lead of each published payment, by source and payment id."""
    paid: dict[tuple[UUID, str], Paid] = field(default_factory=dict)
    """Published payments that refunds may only hint at, with what is given back of them."""


@dataclass(frozen=True, slots=True)
class Publish:
    """Say this fact."""

    fact: Fact
    occurred_at: datetime
    lead_id: UUID | None
    employee_id: UUID | None = None
    stretch: tuple[Paid, Stretch] | None = None
    """Of a refund told by a total or without its payment: what of which payment it gives back."""


@dataclass(frozen=True, slots=True)
class Park:
    """Keep it until one of `waits` appears, or a person matches it. `reason` is a stable code."""

    reason: str
    detail: str
    waits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Old:
    """It says nothing that was not said before; `reason` is a stable code."""

    detail: str
    reason: str = "repetition"


def decide(letter: Letter, known: Known) -> Publish | Park | Old:
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
    if not letter.names:
        msg = "this letter names no lead"
        raise ValueError(msg)
    leads = {lead for name in letter.names for lead in leads_named(name, known)}
    system = letter.names[0][0]
    if not leads:
        waits = tuple(awaited_lead(*name) for name in letter.names)
        if letter.is_told_in_parts and isinstance(letter.event, PaymentEvent):
            waits += (awaited_payment(letter.source_id, letter.event.data.payment_id),)
        return Park("unknown_lead", f"No lead is known by this {system}.", waits)
    if len(leads) > 1:
        detail = "share this" if len(letter.names) == 1 else "are meant by its names, the first of which is this"
        return Park("ambiguous_lead", f"{len(leads)} leads {detail} {system}; match it by hand.")
    return next(iter(leads))


def leads_named(name: Name, known: Known) -> set[UUID]:
    """The leads that a name means."""
    system, value = name
    return {UUID(value)} & known.lead_ids if system == "lead_id" else known.leads.get(name, set())


def _call(letter: Letter, data: CallFinished, known: Known) -> Publish | Park:
    # A call counts for its employee whoever owns the lead, known or not (DESIGN, section 4, Owner).
    employee_id = _working(data.employee, data.started_at, known)
    if employee_id is None:
        name = employee_name(data.employee)
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


def _refund(letter: Letter, data: RefundOut, known: Known) -> Publish | Park | Old:
    if isinstance(data, RunningRefund):
        return _running_refund(letter, data, known)
    if isinstance(data, UnnamedRefund):
        return _unnamed_refund(letter, data, known)
    lead_id = known.payments.get((letter.source_id, data.payment_id))
    if lead_id is None:
        return _before_its_payment(letter, data)
    return _given_back(letter, data, lead_id=lead_id, payment_id=data.payment_id, amount=data.amount)


def _running_refund(letter: Letter, data: RunningRefund, known: Known) -> Publish | Park | Old:
    paid = known.paid.get((letter.source_id, data.payment_id))
    if paid is None:
        return _before_its_payment(letter, data)
    stretch = stretch_of(data, paid)
    fresh = new_minor(stretch, paid.stretches)
    if fresh <= 0 or data.amount.currency != paid.amount.currency:
        return Old("All that it says is given back was given back before.")
    amount = PositiveMoney.model_validate(Money(fresh, paid.amount.currency).to_wire().model_dump())
    return _given_back(
        letter, data, lead_id=paid.lead_id, payment_id=paid.payment_id, amount=amount, stretch=(paid, stretch)
    )


def _unnamed_refund(letter: Letter, data: UnnamedRefund, known: Known) -> Publish | Park:
    lead = find_lead(letter, known)
    if isinstance(lead, Park):
        return lead
    amount = Money.from_wire(data.amount)
    stated = frozenset((name.system, normal_value(system=name.system, value=name.value)) for name in data.stated)
    candidates = [paid for paid in known.paid.values() if (paid.source_id, paid.lead_id) == (letter.source_id, lead)]
    paid = payment_given_back(candidates, amount=amount, at=data.refunded_at, stated=stated)
    if paid is None:
        detail = "No published payment of this lead has its names and that much left."
        return Park("unknown_payment", detail, (awaited_payment_of(letter.source_id, lead),))
    end = max((stop for _, stop in paid.stretches), default=0)
    stretch = (paid, (end, end + amount.amount_minor))
    return _given_back(letter, data, lead_id=lead, payment_id=paid.payment_id, amount=data.amount, stretch=stretch)


def _before_its_payment(letter: Letter, data: RefundOut) -> Park:
    awaited = awaited_payment(letter.source_id, data.payment_id)
    return Park("unknown_payment", "The payment of this refund is not published yet.", (awaited,))


def _given_back(
    letter: Letter,
    data: RefundOut,
    *,
    lead_id: UUID,
    payment_id: str,
    amount: PositiveMoney,
    stretch: tuple[Paid, Stretch] | None = None,
) -> Publish:
    fact = PaymentRefunded(
        refund_id=data.refund_id,
        payment_id=payment_id,
        source=letter.source,
        lead_id=lead_id,
        refunded_at=data.refunded_at,
        amount=amount,
        delivery_id=letter.delivery_id,
    )
    return Publish(fact, data.refunded_at, lead_id, stretch=stretch)


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
    return employed_under(known.employees.get(employee_name(reference), []), day)


def _normal(reference: Reference) -> Reference:
    value = normal_value(system=reference.system, value=reference.value)
    return Reference(system=reference.system, value=value)
