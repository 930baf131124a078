"""One event of a delivery, as correlation looks at it. Pure."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

import orjson

from conveyor.contracts.values import EmployeeReference, Reference
from handoff_bus.employees.rules import normal_name
from handoff_bus.references.rules import normal_value
from handoff_bus.sources.kinds.payments.events import NamedPayment, RunningRefund, UnnamedRefund
from handoff_bus.sources.kinds.standard.schema import (
    CallEvent,
    LeadEvent,
    OutsideEvent,
    PaymentEvent,
    RefundEvent,
    ReplyEvent,
)

Name = tuple[str, str]


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
        """The lead's first name in normal form, if one is given."""
        return next(iter(self.names), None)

    @property
    def names(self) -> tuple[Name, ...]:
        """Every name of the lead in normal form, in the order in which they were stated."""
        match self.event:
            case PaymentEvent(data=NamedPayment() as data):
                references: tuple[Reference, ...] = (data.lead, *data.more_names)
            case RefundEvent(data=UnnamedRefund() as data):
                references = data.names
            case RefundEvent():
                references = ()
            case _:
                references = (self.event.data.lead,)
        return tuple((name.system, normal_value(system=name.system, value=name.value)) for name in references)

    @property
    def is_told_in_parts(self) -> bool:
        """Whether other deliveries tell the same payment in other words."""
        return isinstance(self.event.data, NamedPayment) and self.event.data.told_in_parts

    @property
    def employee(self) -> Name | None:
        """The employee's name in normal form, if one is given."""
        reference = self.event.data.employee if isinstance(self.event, (CallEvent, ReplyEvent)) else None
        return employee_name(reference) if reference is not None else None

    @property
    def content_sha256(self) -> bytes:
        """The hash of what it says; when and in which bytes it was sent does not matter."""
        match self.event.data:
            case NamedPayment(told_in_parts=True, payment_id=payment_id, amount=amount):
                said: object = [payment_id, amount.amount, amount.currency]
            case RunningRefund(refund_id=refund_id, payment_id=payment_id, amount=amount):
                # The id is the total; by which stretch a notice reaches it does not matter.
                said = [refund_id, payment_id, amount.currency]
            case data:
                said = data.model_dump(mode="json", exclude_none=True)
        content = [self.event.type, said]
        return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def employee_name(reference: EmployeeReference) -> Name:
    """The employee's name in normal form."""
    return reference.system, normal_name(system=reference.system, value=reference.value)
