"""Facts that came in from outside systems and were correlated by the bus. `delivery_id` names the webhook delivery."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import (
    PERSONAL,
    Code,
    Company,
    Contact,
    LongText,
    Mechanics,
    NonNegativeInt,
    PositiveMoney,
    Reference,
    Text,
    WireMoney,
)


class CallRecorded(Fact):
    """A finished call of an employee; `duration_seconds` is talk time. Key: the lead, or the employee when unknown."""

    call_id: Text
    source: Code
    direction: Literal["in", "out", "internal"]
    started_at: AwareDatetime
    duration_seconds: NonNegativeInt
    employee_id: UUID
    lead_id: UUID | None = None
    recording_url: Annotated[Text | None, PERSONAL] = None
    delivery_id: UUID


class PaymentReceived(Fact):
    """Money from a client. `reference` is the name under which it came: stages find the deal by it."""

    payment_id: Text
    source: Code
    lead_id: UUID
    paid_at: AwareDatetime
    amount: PositiveMoney
    vat: WireMoney | None = None
    reference: Reference
    delivery_id: UUID


class PaymentRefunded(Fact):
    """Money given back of one payment (`payment_id` of the same source)."""

    refund_id: Text
    payment_id: Text
    source: Code
    lead_id: UUID
    refunded_at: AwareDatetime
    amount: PositiveMoney
    delivery_id: UUID


class LeadReceived(Fact):
    """An inbound lead; the bus minted `lead_id`, or found the lead by one of its references."""

    lead_id: UUID
    company: Company
    contacts: tuple[Contact, ...] = ()
    channel: Text
    campaign: Text | None = None
    mechanics: Mechanics
    segment: Text | None = None
    references: tuple[Reference, ...] = ()
    delivery_id: UUID


class ReplyReceived(Fact):
    """An answer of the lead to a letter or a call."""

    reply_id: Text
    source: Code
    lead_id: UUID
    received_at: AwareDatetime
    employee_id: UUID | None = None
    kind: Literal["interested", "send_info", "not_now", "refusal"]
    text: Annotated[LongText | None, PERSONAL] = None
    delivery_id: UUID
