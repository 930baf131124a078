"""Reads a notification: Pay and Confirm are payments, Refund is a refund with an id of its own; nothing else counts.

Only the address tells the type (`?type=pay`, or the setting). Without it the body is asked, and what could be a Check,
which comes before the payment, is none.
"""

from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import parse_qs

from handoff_bus.sources.kinds.cloudpayments.settings import CloudPaymentsSettings, Notification
from handoff_bus.sources.kinds.kind import ProviderAnswer
from handoff_bus.sources.kinds.payments.amounts import currency_of, from_major, unreadable
from handoff_bus.sources.kinds.payments.bodies import form_fields, inner, json_object, word
from handoff_bus.sources.kinds.payments.events import payment, refund
from handoff_bus.sources.kinds.payments.instants import from_plain_utc
from handoff_bus.sources.kinds.payments.names import in_order, names_in, reference
from handoff_bus.sources.kinds.reading import Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OutsideEvent

_TYPES: tuple[str, ...] = get_args(Notification)


def parse(request: RawRequest, settings: CloudPaymentsSettings) -> Reading:
    """The payment or refund of a notification. Raises UnreadableDelivery."""
    body = json_object(request.body) if request.media_type == "application/json" else form_fields(request)
    # GET deliveries carry our own `type` among the fields.
    type_ = settings.notification or _from_address(request.query) or _from_shape(body)
    key = f"{type_}:{word(body.get('TransactionId')) or word(body.get('Id'))}"
    if type_ == "recurrent":
        # A subscription changes its state many times under one id.
        key += f":{word(body.get('Status'))}:{word(body.get('SuccessfulTransactionsNumber'))}"
    if word(body.get("TestMode")).lower() in {"1", "true"} or body.get("TestMode") is True:
        return Reading(f"test:{key}", silence=Silence("test_traffic", "TestMode is set."), topic=type_)
    paying = {"confirm"} if settings.two_stage else {"pay"}
    if type_ in paying:
        return Reading(key, (_payment(body, settings),), topic=type_)
    if type_ == "refund":
        return Reading(key, (_refund(body),), topic=type_)
    return Reading(key, silence=Silence("nothing_to_say", f"A {type_} notification moves no money."), topic=type_)


def answer(_: RawRequest, __: CloudPaymentsSettings) -> ProviderAnswer:
    """Code 0 for every type: a Check is not refused by the bus, and a Pay is taken."""
    return ProviderAnswer(b'{"code":0}', media_type="application/json")


def _payment(body: Mapping[str, Any], settings: CloudPaymentsSettings) -> OutsideEvent:
    transaction_id = _id(body, "TransactionId")
    data = inner(body.get("Data"))
    names = [
        *names_in(data),
        reference(settings.order_is, body.get("InvoiceId")),
        reference("email", body.get("Email")),
    ]
    return payment(
        payment_id=transaction_id,
        at=from_plain_utc(body.get("DateTime"), pointer="/DateTime"),
        # PaymentAmount is what the bank converted it into; the order was paid in Currency.
        amount=from_major(body.get("Amount"), _currency(body), pointer="/Amount"),
        names=in_order(names, payment_id=transaction_id),
    )


def _refund(body: Mapping[str, Any]) -> OutsideEvent:
    return refund(
        refund_id=_id(body, "TransactionId"),
        payment_id=_id(body, "PaymentTransactionId"),
        at=from_plain_utc(body.get("DateTime"), pointer="/DateTime"),
        amount=from_major(body.get("Amount"), _currency(body), pointer="/Amount"),
    )


def _currency(body: Mapping[str, Any]) -> str:
    # A Refund does not tell it; a shop of this provider is paid in rubles unless it says otherwise.
    return currency_of(body.get("Currency") or "RUB", pointer="/Currency")


def _id(body: Mapping[str, Any], name: str) -> str:
    value = word(body.get(name))
    if not value:
        pointer = f"/{name}"
        raise unreadable(pointer, "is missing")
    return value


def _from_address(query: str) -> str | None:
    found = parse_qs(query, max_num_fields=200).get("type", [""])[-1].lower() if query.count("&") < 200 else ""
    return found if found in _TYPES else None


def _from_shape(body: Mapping[str, Any]) -> str:
    if word(body.get("PaymentTransactionId")) or word(body.get("OperationType")).lower() == "refund":
        return "refund"
    if "Interval" in body or "SuccessfulTransactionsNumber" in body:
        return "recurrent"
    if word(body.get("ReasonCode")) not in {"", "0"} or word(body.get("Status")) == "Declined":
        return "fail"
    if word(body.get("AuthCode")) and word(body.get("Status")) == "Completed":
        return "pay"
    return "check"
