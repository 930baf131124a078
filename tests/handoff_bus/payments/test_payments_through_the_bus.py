"""Notices of payment systems end to end: from the door to facts, in any order, each sum once."""

import base64
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from conveyor.contracts.outside import PaymentReceived
from tests.handoff_bus.bus_at_work import NOW, BusAtWork
from tests.handoff_bus.payments.payment_sources import know_lead, money_in, money_out, open_source, post
from tests.handoff_bus.payments.provider_notices import (
    charge,
    cloudpayments_pay,
    cloudpayments_refund,
    hmac_base64,
    intent,
    lower_escapes,
    robokassa,
    stripe,
    stripe_signature,
    tbank,
)


async def _stripe(bus: BusAtWork, body: bytes) -> Any:
    answer = await post(bus, "stripe", body, stripe_signature=stripe_signature(body, at=bus.clock.now()))
    assert answer.status_code in {200, 202}, answer.text
    return answer


async def _cloud(bus: BusAtWork, fields: dict[str, str], type_: str) -> Any:
    body = lower_escapes(fields)
    return await post(bus, "cloudpayments", body, query=f"?type={type_}", content_hmac=hmac_base64(body))


async def test_providers_get_the_answers_that_they_wait_for(bus: BusAtWork) -> None:
    for kind in ("cloudpayments", "robokassa", "tbank"):
        await open_source(bus, kind)
    for _ in range(2):
        assert (await post(bus, "robokassa", robokassa())).text == "OK20517"
        assert (await post(bus, "tbank", tbank("RECEIPT"))).text == "OK"
        for type_ in ("check", "pay"):
            answer = await _cloud(bus, cloudpayments_pay(), type_)
            assert (answer.json(), answer.headers["content-type"]) == ({"code": 0}, "application/json")
    got = await bus.http.get(f"/v1/webhooks/robokassa?{robokassa(InvId='77').decode()}")
    assert (got.status_code, got.text) == (200, "OK77")
    assert (await post(bus, "tbank", tbank(secret="other"))).status_code == 401


async def test_a_check_is_no_payment_and_a_pay_is_one(bus: BusAtWork) -> None:
    await know_lead(bus, ("invoice", "S-205"))
    await open_source(bus, "cloudpayments")
    for type_ in ("check", "pay", "pay", "fail"):
        await _cloud(bus, cloudpayments_pay(), type_)
    await _cloud(bus, cloudpayments_pay(TestMode="1", TransactionId="5"), "pay")
    await bus.settle()
    assert await money_in(bus) == [("880011", "4500.00")]


async def test_two_equal_partial_refunds_with_ids_stay_two(bus: BusAtWork) -> None:
    await know_lead(bus, ("invoice", "S-205"))
    await open_source(bus, "cloudpayments")
    for refund_id in ("91", "92", "91"):
        await _cloud(bus, cloudpayments_refund(refund_id), "refund")
    await bus.settle()
    assert await money_out(bus) == []
    await _cloud(bus, cloudpayments_pay(), "pay")
    await bus.settle()
    assert await money_out(bus) == [("880011", "700.00")] * 2


def _totals() -> list[bytes]:
    first = stripe(
        "charge.refunded", charge(refunded=70_000), at=NOW, event_id="evt_1", previous={"amount_refunded": 0}
    )
    second = stripe(
        "charge.refunded", charge(refunded=140_000), at=NOW, event_id="evt_2", previous={"amount_refunded": 70_000}
    )
    bare = stripe("charge.refunded", charge(refunded=150_000), at=NOW, event_id="evt_3")
    return [first, second, bare]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_cumulative_refunds_never_double_in_any_order(bus: BusAtWork, order: tuple[int, ...]) -> None:
    await know_lead(bus, ("contract", "C-17"))
    await open_source(bus, "stripe")
    await _stripe(bus, stripe("payment_intent.succeeded", intent(), at=NOW - timedelta(hours=1), event_id="evt_0"))
    for place in (*order, *order):
        await _stripe(bus, _totals()[place])
        await bus.settle()
    given_back = await money_out(bus)
    assert {payment_id for payment_id, _ in given_back} == {"pi_501"}
    assert sum(round(float(amount) * 100) for _, amount in given_back) == 150_000
    if order == (0, 1, 2):
        assert [amount for _, amount in given_back] == ["700.00", "700.00", "100.00"]


async def test_refunds_before_their_payment_wait_for_it(bus: BusAtWork) -> None:
    await know_lead(bus, ("contract", "C-17"))
    await open_source(bus, "stripe")
    for total in reversed(_totals()):
        await _stripe(bus, total)
    await bus.settle()
    assert await money_out(bus) == []
    await _stripe(bus, stripe("payment_intent.succeeded", intent(), at=NOW, event_id="evt_0"))
    await bus.settle()
    assert sum(round(float(amount) * 100) for _, amount in await money_out(bus)) == 150_000


async def test_a_payment_told_by_several_events_counts_once_under_whichever_names_the_lead(bus: BusAtWork) -> None:
    lead_id = await know_lead(bus, ("invoice", "EE1-0001"))
    await open_source(bus, "stripe")
    bare = stripe("payment_intent.succeeded", intent(metadata={}), at=NOW, event_id="evt_1")
    told = {"id": "in_1", "object": "invoice", "amount_paid": 450_000, "currency": "eur", "payment_intent": "pi_501"}
    invoice = stripe("invoice.paid", {**told, "number": "EE1-0001"}, at=NOW, event_id="evt_2")
    await _stripe(bus, bare)
    await bus.settle()
    assert len((await bus.read("/deliveries?state=parked"))["items"]) == 1
    for body in (invoice, bare, invoice):
        await _stripe(bus, body)
        await bus.settle()
    assert [(fact.payment_id, fact.lead_id) for fact in await bus.said(PaymentReceived)] == [("pi_501", lead_id)]
    assert (await bus.read("/deliveries?state=parked"))["items"] == []


async def test_a_payment_that_names_nobody_waits_in_sight_and_is_matched_by_hand(bus: BusAtWork) -> None:
    lead_id = await know_lead(bus, ("contract", "C-17"))
    await open_source(bus, "stripe")
    answer = await _stripe(bus, stripe("payment_intent.succeeded", intent(metadata={}), at=NOW))
    await bus.settle()
    delivery_id = answer.json()["delivery_id"]
    assert (await bus.delivery(delivery_id))["waits_for"] == [
        "lead:invoice:pi_501",
        *_own_wait(await bus.delivery(delivery_id)),
    ]
    await bus.call("POST", f"/deliveries/{delivery_id}/match", {"lead_id": str(lead_id)}, who="head")
    assert await money_in(bus) == [("pi_501", "4500.00")]


def _own_wait(delivery: dict[str, Any]) -> list[str]:
    return [thing for thing in delivery["waits_for"] if thing.startswith("payment:")]


async def test_a_trial_tells_what_a_notice_would_become(bus: BusAtWork) -> None:
    source = await open_source(bus, "tbank")
    body = {"headers": {}, "body_base64": base64.b64encode(tbank()).decode()}
    tried = (await bus.call("POST", f"/sources/{source['id']}/trial", body)).json()
    assert (tried["verified"], tried["dedupe_key"]) == (True, "700123:CONFIRMED")
    assert tried["facts"][0]["data"]["amount"] == {"amount": "4500.00", "currency": "RUB"}
