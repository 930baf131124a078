"""Reads a notification: a succeeded payment or refund, as the API tells it; everything else moves no money.

A notification only says what to ask for. State, sum, moment and payment are those of the fetched object.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conveyor.kit.money import Money
from handoff_bus.sources.kinds.kind import ProviderAnswer, UnreadableDelivery
from handoff_bus.sources.kinds.payments.amounts import currency_of, from_major, unreadable
from handoff_bus.sources.kinds.payments.bodies import inner, json_object, word
from handoff_bus.sources.kinds.payments.events import payment, refund
from handoff_bus.sources.kinds.payments.instants import from_iso
from handoff_bus.sources.kinds.payments.names import in_order, names_in, reference
from handoff_bus.sources.kinds.reading import Fetched, FetchPlan, Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OutsideEvent
from handoff_bus.sources.kinds.yookassa.settings import YooKassaSettings

OBJECT = "object"
_FOLDERS = {"payment.succeeded": "payments", "refund.succeeded": "refunds"}
_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


def parse(request: RawRequest, settings: YooKassaSettings) -> Reading:
    """What to ask the API for, or why nothing. Raises UnreadableDelivery."""
    body = json_object(request.body)
    event, told = word(body.get("event")), body.get("object")
    if body.get("type") != "notification" or not event or not isinstance(told, dict):
        raise unreadable("", "is no notification")
    object_id = _id(told, "id")
    key = f"{event}:{object_id}"
    # Sent again, the object may have moved on; it is the same notification.
    content = key.encode()
    if told.get("test") is True:
        silence = Silence("test_traffic", "The object is marked test.")
        return Reading(f"test:{key}", silence=silence, topic=event, content=content)
    if event not in _FOLDERS:
        return Reading(key, silence=_silence(event), topic=event, content=content)
    said = _as_told(event, told, settings)
    # Without a shop_id nobody can be asked, and what is told is no proof: it is kept for a person.
    fetches = () if settings.shop_id is None else (_plan(event, object_id, settings),)
    return Reading(key, said, fetches=fetches, topic=event, content=content)


def complete(request: RawRequest, settings: YooKassaSettings, fetched: Fetched) -> Reading:
    """The payment or refund as the API tells it. Raises UnreadableDelivery."""
    asked = parse(request, settings)
    answered = fetched.get(OBJECT)
    if answered is None:
        return _silent(asked, Silence("gone_at_source", "The API knows no such object."))
    found = json_object(answered)
    event = asked.topic or ""
    if _id(found, "id") != asked.dedupe_key.rpartition(":")[2]:
        raise unreadable("/id", "is another object than was asked for")
    if found.get("test") is True:
        return _silent(asked, Silence("test_traffic", "The object is marked test."))
    if word(found.get("status")) != "succeeded":
        return _silent(asked, Silence("nothing_to_say", f"Its status is {word(found.get('status'))[:40]}."))
    said = _payment(found, settings) if event == "payment.succeeded" else _refund(found)
    return Reading(asked.dedupe_key, (said,), topic=event, content=asked.content)


def answer(_: RawRequest, __: YooKassaSettings) -> ProviderAnswer:
    """Plain 200; anything else is sent again for a day."""
    return ProviderAnswer()


def _payment(found: Mapping[str, Any], settings: YooKassaSettings) -> OutsideEvent:
    payment_id, metadata = _id(found, "id"), inner(found.get("metadata"))
    order = metadata.get("order_id", metadata.get("orderNumber"))
    names = [*names_in(metadata), reference(settings.order_is, order)]
    # Captured later than made in two stages; `income_amount` is net of the fee and not what the client paid.
    at = found.get("captured_at") or found.get("created_at")
    return payment(
        payment_id=payment_id,
        at=from_iso(at, pointer="/captured_at"),
        amount=_sum(found),
        names=in_order(names, payment_id=payment_id),
    )


def _refund(found: Mapping[str, Any]) -> OutsideEvent:
    return refund(
        refund_id=_id(found, "id"),
        payment_id=_id(found, "payment_id"),
        at=from_iso(found.get("created_at"), pointer="/created_at"),
        amount=_sum(found),
    )


def _sum(found: Mapping[str, Any]) -> Money:
    amount = inner(found.get("amount"))
    currency = currency_of(amount.get("currency"), pointer="/amount/currency")
    return from_major(amount.get("value"), currency, pointer="/amount/value")


def _as_told(event: str, told: Mapping[str, Any], settings: YooKassaSettings) -> tuple[OutsideEvent, ...]:
    """What the notification itself says; it is shown, and said only once the API says it too."""
    if word(told.get("status")) != "succeeded":
        return ()
    try:
        return (_payment(told, settings) if event == "payment.succeeded" else _refund(told),)
    except UnreadableDelivery:
        return ()


def _plan(event: str, object_id: str, settings: YooKassaSettings) -> FetchPlan:
    return FetchPlan(OBJECT, f"{settings.api_url}/{_FOLDERS[event]}/{object_id}")


def authorize(plan: FetchPlan, settings: YooKassaSettings, key: bytes) -> FetchPlan:
    """The call with the shop's credentials."""
    pair = f"{settings.shop_id}:".encode() + key
    return replace(plan, headers={**plan.headers, "authorization": f"Basic {base64.b64encode(pair).decode()}"})


def _id(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        pointer = f"/{name}"
        raise unreadable(pointer, "is no id")
    return value


def _silence(event: str) -> Silence:
    return Silence("nothing_to_say", f"{event[:60]} moves no client's money.")


def _silent(asked: Reading, silence: Silence) -> Reading:
    return Reading(asked.dedupe_key, silence=silence, topic=asked.topic, content=asked.content)
