"""Reads an event. Several events tell the same payment (intent, charge, invoice, checkout): its id is the intent's.

`charge.refunded` tells a running total: the stretch since `previous_attributes` is what this event gave back. Refund
objects are told besides and are not counted again. Money leaves by a dispute when its funds are withdrawn, not before.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from conveyor.kit.money import Money
from handoff_bus.sources.kinds.payments.amounts import unreadable
from handoff_bus.sources.kinds.payments.bodies import inner, json_object, word
from handoff_bus.sources.kinds.payments.events import payment, refund, running_refund
from handoff_bus.sources.kinds.payments.instants import from_seconds
from handoff_bus.sources.kinds.payments.names import in_order, names_in, reference
from handoff_bus.sources.kinds.reading import Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OutsideEvent
from handoff_bus.sources.kinds.stripe.settings import StripeSettings
from handoff_bus.sources.kinds.stripe.sums import sum_of

Json = Mapping[str, Any]
_AMOUNT = "/data/object/amount"


def parse(request: RawRequest, settings: StripeSettings) -> Reading:
    """The payment or refund of an event. Raises UnreadableDelivery."""
    body = json_object(request.body)
    event_id, type_ = word(body.get("id")), word(body.get("type"))
    if not event_id:
        raise unreadable("/id", "is missing")
    data = inner(body.get("data"))
    told = inner(data.get("object"))
    if body.get("livemode") is not True or told.get("livemode", True) is not True:
        return Reading(event_id, silence=Silence("test_traffic", "livemode is not true."), topic=type_)
    read = _READERS.get(type_)
    event = read(told, body, settings) if read is not None else None
    if event is None:
        return Reading(event_id, silence=Silence("nothing_to_say", f"{type_[:60]} moves no money."), topic=type_)
    return Reading(event_id, (event,), topic=type_)


def _intent(told: Json, body: Json, settings: StripeSettings) -> OutsideEvent | None:
    return _payment(told, body, settings, amount=told.get("amount_received"), payment_id=told.get("id"))


def _charge(told: Json, body: Json, settings: StripeSettings) -> OutsideEvent | None:
    if told.get("captured") is not True:
        return None
    amount = told.get("amount_captured", told.get("amount"))
    return _payment(told, body, settings, amount=amount, payment_id=told.get("payment_intent") or told.get("id"))


def _invoice(told: Json, body: Json, settings: StripeSettings) -> OutsideEvent | None:
    payment_id = told.get("payment_intent") or told.get("charge") or told.get("id")
    return _payment(told, body, settings, amount=told.get("amount_paid"), payment_id=payment_id)


def _checkout(told: Json, body: Json, settings: StripeSettings) -> OutsideEvent | None:
    if told.get("payment_status") != "paid":
        return None
    # A subscription is paid by its invoice.
    payment_id = told.get("payment_intent") or told.get("invoice") or told.get("id")
    return _payment(told, body, settings, amount=told.get("amount_total"), payment_id=payment_id)


def _payment(
    told: Json, body: Json, settings: StripeSettings, *, amount: object, payment_id: object
) -> OutsideEvent | None:
    money = sum_of(amount, told.get("currency"), pointer=_AMOUNT)
    if not money:
        return None
    name = _expanded(payment_id)
    metadata = inner(told.get("metadata"))
    customer = inner(told.get("customer_details")) or inner(told.get("billing_details"))
    names = [
        *names_in(metadata),
        reference(settings.order_is, told.get("client_reference_id") or metadata.get("order_id")),
        reference("invoice", told.get("number") if told.get("object") == "invoice" else None),
        *(
            reference("email", who)
            for who in (told.get("receipt_email"), told.get("customer_email"), customer.get("email"))
        ),
    ]
    return payment(
        payment_id=name,
        at=_at(body),
        amount=money,
        names=in_order(names, payment_id=name),
        told_in_parts=True,
    )


def _refunded(told: Json, body: Json, _: StripeSettings) -> OutsideEvent | None:
    currency = told.get("currency")
    total = sum_of(told.get("amount_refunded"), currency, pointer="/data/object/amount_refunded")
    previous = inner(inner(body.get("data")).get("previous_attributes"))
    pointer = "/data/previous_attributes/amount_refunded"
    before = sum_of(previous.get("amount_refunded") or 0, currency, pointer=pointer)
    if before.amount_minor > total.amount_minor:
        raise unreadable(pointer, "is more than the total")
    if before == total:
        return None
    return running_refund(payment_id=_paid_by(told), at=_at(body), before=before, total=total)


def _withdrawn(told: Json, body: Json, _: StripeSettings) -> OutsideEvent | None:
    amount: Money = sum_of(told.get("amount"), told.get("currency"), pointer=_AMOUNT)
    payment_id = _expanded(told.get("payment_intent") or told.get("charge"))
    return refund(refund_id=_expanded(told.get("id")), payment_id=payment_id, at=_at(body), amount=amount)


def _paid_by(charge: Json) -> str:
    return _expanded(charge.get("payment_intent") or charge.get("id"))


def _expanded(value: object) -> str:
    name = word(inner(value).get("id") if isinstance(value, dict) else value)
    if not name:
        raise unreadable("/data/object/id", "is missing")
    return name


def _at(body: Json) -> datetime:
    return from_seconds(body.get("created"), pointer="/created")


_READERS: Mapping[str, Callable[[Json, Json, StripeSettings], OutsideEvent | None]] = {
    "payment_intent.succeeded": _intent,
    "charge.succeeded": _charge,
    "charge.captured": _charge,
    "invoice.paid": _invoice,
    "invoice.payment_succeeded": _invoice,
    "checkout.session.completed": _checkout,
    "checkout.session.async_payment_succeeded": _checkout,
    "charge.refunded": _refunded,
    "charge.dispute.funds_withdrawn": _withdrawn,
}
