"""Bodies of kind `standard`. Every other kind is read into these, so they are the bus's own words for what came in."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from conveyor.contracts.values import (
    Code,
    Company,
    EmployeeReference,
    LongText,
    Mechanics,
    PositiveMoney,
    Reference,
    Text,
    WireMoney,
)
from conveyor.kit.http.models import BusinessInstant
from conveyor.kit.money import Money
from handoff_bus.references.rules import normal_value

CALL_SECONDS_MAX = 7 * 24 * 3600


def _is_usable(reference: Reference) -> Reference:
    if reference.system == "lead_id":
        return Reference(system="lead_id", value=str(UUID(reference.value)))
    if not normal_value(system=reference.system, value=reference.value):
        msg = f"is no {reference.system}"
        raise ValueError(msg)
    return reference


_DIRECTIONS = {"inbound": "in", "incoming": "in", "outbound": "out", "outgoing": "out"}


def _short(direction: object) -> object:
    return _DIRECTIONS.get(direction, direction) if isinstance(direction, str) else direction


Direction = Annotated[Literal["in", "out", "internal"], BeforeValidator(_short)]
"""Also taken in the long words that most telephony uses: inbound, incoming, outbound, outgoing."""

LeadName = Annotated[Reference, AfterValidator(_is_usable)]


class Closed(BaseModel):
    """Unknown fields are refused: a misspelt optional field must not vanish."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CallFinished(Closed):
    """A call of an employee ended; `duration_seconds` is talk time."""

    call_id: Code
    direction: Direction
    started_at: BusinessInstant
    duration_seconds: Annotated[int, Field(strict=True, ge=0, le=CALL_SECONDS_MAX)]
    employee: EmployeeReference
    lead: LeadName
    recording_url: Text | None = None


class PaymentIn(Closed):
    """A client paid."""

    payment_id: Code
    paid_at: BusinessInstant
    amount: PositiveMoney
    vat: WireMoney | None = None
    lead: LeadName

    @model_validator(mode="after")
    def _vat_is_part_of_the_amount(self) -> Self:
        if self.vat is not None:
            vat, amount = Money.from_wire(self.vat), Money.from_wire(self.amount)
            if vat.currency != amount.currency or not 0 <= vat.amount_minor <= amount.amount_minor:
                msg = "vat must be a part of the amount, in its currency"
                raise ValueError(msg)
        return self


class RefundOut(Closed):
    """Part or all of a payment was given back."""

    refund_id: Code
    payment_id: Code
    refunded_at: BusinessInstant
    amount: PositiveMoney


class InboundContact(Closed):
    """A person at the company."""

    name: Text
    position: Text | None = None
    phone: Text | None = None
    email: Text | None = None


class LeadIn(Closed):
    """Somebody asked to be called. `lead` is its name in the sending system."""

    lead: LeadName
    company: Company
    contacts: Annotated[list[InboundContact], Field(max_length=100)]
    channel: Text
    campaign: Text | None = None
    mechanics: Mechanics
    segment: Text | None = None


class ReplyIn(Closed):
    """A lead answered a letter or a call."""

    reply_id: Code
    received_at: BusinessInstant
    lead: LeadName
    employee: EmployeeReference | None = None
    kind: Literal["interested", "send_info", "not_now", "refusal"]
    text: LongText | None = None


class _Event(Closed):
    timestamp: BusinessInstant


class CallEvent(_Event):
    """`call.finished`."""

    type: Literal["call.finished"]
    data: CallFinished


class PaymentEvent(_Event):
    """`payment.received`."""

    type: Literal["payment.received"]
    data: PaymentIn


class RefundEvent(_Event):
    """`payment.refunded`."""

    type: Literal["payment.refunded"]
    data: RefundOut


class LeadEvent(_Event):
    """`lead.received`."""

    type: Literal["lead.received"]
    data: LeadIn


class ReplyEvent(_Event):
    """`reply.received`."""

    type: Literal["reply.received"]
    data: ReplyIn


OutsideEvent = CallEvent | PaymentEvent | RefundEvent | LeadEvent | ReplyEvent
OUTSIDE_EVENT: TypeAdapter[OutsideEvent] = TypeAdapter(Annotated[OutsideEvent, Field(discriminator="type")])


def happened_at(event: OutsideEvent) -> tuple[str, datetime]:
    """The field that says when it happened in business, and that moment; of an inbound lead, when it was sent."""
    match event:
        case CallEvent():
            return "/data/started_at", event.data.started_at
        case PaymentEvent():
            return "/data/paid_at", event.data.paid_at
        case RefundEvent():
            return "/data/refunded_at", event.data.refunded_at
        case ReplyEvent():
            return "/data/received_at", event.data.received_at
        case LeadEvent():
            return "/timestamp", event.timestamp
