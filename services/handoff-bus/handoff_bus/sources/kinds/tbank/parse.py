"""Reads a notification: CONFIRMED is the payment, REFUNDED and PARTIAL_REFUNDED give it back; nothing else counts.

A notification tells no moment, so the moment of its arrival counts. Two equal refunds in part are equal to the byte and
cannot be told from a repetition, so each arrival asks GetState how much of the payment is left.
"""

import json
from dataclasses import replace
from typing import Any

from conveyor.kit.money import Money
from handoff_bus.sources.kinds.kind import ProviderAnswer
from handoff_bus.sources.kinds.payments.amounts import from_minor, unreadable
from handoff_bus.sources.kinds.payments.bodies import inner, json_object, word
from handoff_bus.sources.kinds.payments.events import payment, remaining_refund
from handoff_bus.sources.kinds.payments.names import in_order, names_in, reference
from handoff_bus.sources.kinds.reading import Fetched, FetchPlan, Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OutsideEvent
from handoff_bus.sources.kinds.tbank.settings import TbankSettings
from handoff_bus.sources.kinds.tbank.token import token_of

STATE = "state"
CURRENCY = "RUB"


def parse(request: RawRequest, settings: TbankSettings) -> Reading:
    """The payment or refund of a notification, or what to ask first. Raises UnreadableDelivery."""
    body = json_object(request.body)
    payment_id, status = _payment_id(body), word(body.get("Status")).upper()
    key = f"{payment_id}:{status}"
    topic = status or "no status"
    if word(body.get("TerminalKey")).upper().endswith("DEMO"):
        return Reading(f"test:{key}", silence=Silence("test_traffic", "It is a DEMO terminal."), topic=topic)
    if body.get("Success") is not True or status not in {"CONFIRMED", "REFUNDED", "PARTIAL_REFUNDED"}:
        detail = f"{topic} moves no money."
        return Reading(f"{key}:{_amount(body)}", silence=Silence("nothing_to_say", detail), topic=topic)
    if status == "CONFIRMED":
        return Reading(key, (_payment(body, request, settings),), topic=topic)
    if status == "REFUNDED":
        event = remaining_refund(payment_id=payment_id, at=request.at, told=_money(body), left=Money.zero(CURRENCY))
        return Reading(key, (event,), topic=topic)
    # Every arrival is a delivery of its own: what repeats says the same total once more.
    key = f"{key}:{_amount(body)}:{request.at:%Y%m%d%H%M%S}"
    return Reading(key, fetches=(_get_state(body, settings),), topic=topic)


def complete(request: RawRequest, settings: TbankSettings, fetched: Fetched) -> Reading:
    """A refund in part, by what GetState says is left of the payment. Raises UnreadableDelivery."""
    asked = parse(request, settings)
    answered = fetched.get(STATE)
    if answered is None:
        silence = Silence("gone_at_source", "GetState knows no such payment.")
        return Reading(asked.dedupe_key, silence=silence, topic=asked.topic)
    state = json_object(answered)
    payment_id = _payment_id(json_object(request.body))
    if state.get("Success") is not True or word(state.get("PaymentId")) != payment_id:
        raise unreadable("/GetState", "does not tell the state of this payment")
    status = word(state.get("Status")).upper()
    if status not in {"REFUNDED", "PARTIAL_REFUNDED"}:
        silence = Silence("nothing_to_say", f"GetState says {status or 'nothing'}: nothing is given back.")
        return Reading(asked.dedupe_key, silence=silence, topic=asked.topic)
    left = Money.zero(CURRENCY) if status == "REFUNDED" else _money(state)
    event = remaining_refund(payment_id=payment_id, at=request.at, told=_money(json_object(request.body)), left=left)
    return Reading(asked.dedupe_key, (event,), topic=asked.topic)


def answer(_: RawRequest, __: TbankSettings) -> ProviderAnswer:
    """Exactly `OK`; anything else is sent again for a month."""
    return ProviderAnswer(b"OK")


def _payment(body: dict[str, Any], request: RawRequest, settings: TbankSettings) -> OutsideEvent:
    payment_id, data = _payment_id(body), inner(body.get("DATA") or body.get("Data"))
    names = [*names_in(data), reference(settings.order_is, body.get("OrderId"))]
    return payment(
        payment_id=payment_id, at=request.at, amount=_money(body), names=in_order(names, payment_id=payment_id)
    )


def _get_state(body: dict[str, Any], settings: TbankSettings) -> FetchPlan:
    asked = {"TerminalKey": word(body.get("TerminalKey")), "PaymentId": _payment_id(body)}
    headers = {"content-type": "application/json"}
    url = f"{settings.api_url}/GetState"
    return FetchPlan(STATE, url, method="POST", headers=headers, body=json.dumps(asked).encode())


def authorize(plan: FetchPlan, _: TbankSettings, key: bytes) -> FetchPlan:
    """The call with its Token."""
    asked = json_object(plan.body or b"{}")
    return replace(plan, body=json.dumps({**asked, "Token": token_of(asked, key)}).encode())


def _payment_id(body: dict[str, Any]) -> str:
    payment_id = word(body.get("PaymentId"))
    if not payment_id:
        raise unreadable("/PaymentId", "is missing")
    return payment_id


def _amount(body: dict[str, Any]) -> str:
    return word(body.get("Amount"))


def _money(body: dict[str, Any]) -> Money:
    return from_minor(body.get("Amount"), CURRENCY, decimals=2, pointer="/Amount")
