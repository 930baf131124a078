"""The webhook door: what it refuses, and how it answers repeated deliveries."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from tests.handoff_bus.bus_at_work import NOW, BusAtWork, signed_headers
from tests.handoff_bus.events import call, payment, refund


def _problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    return body


async def test_a_signed_delivery_is_durable_before_202(bus: BusAtWork) -> None:
    response = await bus.push(payment())

    assert response.status_code == 202
    seen = await bus.delivery(response.json()["delivery_id"])
    assert seen["state"] == "received"
    assert json.loads(seen["body"]) == payment()
    assert seen["headers"]["webhook-signature"] == "[redacted]"


async def test_bad_signature(bus: BusAtWork) -> None:
    _problem(await bus.push(payment(), webhook_signature="v1,AAAA"), 401, "bad-signature")
    _problem(await bus.push(payment(), webhook_signature="garbage v2,xx v1,%%%"), 401, "bad-signature")
    _problem(await bus.push(payment(), webhook_id="x", webhook_timestamp="1e9"), 401, "bad-signature")


async def test_another_sources_secret_does_not_open_the_door(bus: BusAtWork) -> None:
    await bus.open_source("other")
    await bus.open_source("bank")
    bus.secrets["bank"] = bus.secrets["other"]
    _problem(await bus.push(payment()), 401, "bad-signature")


async def test_missing_headers(bus: BusAtWork) -> None:
    await bus.open_source()
    _problem(await bus.http.post("/v1/webhooks/bank", json=payment()), 401, "bad-signature")


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_stale_timestamp(bus: BusAtWork, seconds: int) -> None:
    await bus.open_source()
    body = json.dumps(payment()).encode()
    headers = signed_headers(bus.secrets["bank"], webhook_id="w", at=NOW + timedelta(seconds=seconds), body=body)
    _problem(await bus.http.post("/v1/webhooks/bank", content=body, headers=headers), 401, "stale-timestamp")


async def test_unknown_source(bus: BusAtWork) -> None:
    bus.secrets["nobody"] = "whsec_" + base64.b64encode(b"x" * 32).decode()
    _problem(await bus.push(payment(), source="nobody"), 404, "unknown-source")


async def test_too_large(bus: BusAtWork) -> None:
    body = json.dumps({**payment(), "padding": "x" * 256 * 1024}).encode()
    response = await bus.push(body)
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"", b"not json", b"[1]", b'{"type": "payment.received"', b'"\\ud800"'])
async def test_not_json_or_no_event(bus: BusAtWork, body: bytes) -> None:
    _problem(await bus.push(body), 422, "unreadable-delivery")


MONEY: list[tuple[Any, str]] = [
    ({"amount": 1000, "currency": "RUB"}, "/data/amount/amount"),
    ({"amount": 1000.5, "currency": "RUB"}, "/data/amount/amount"),
    ({"amount": "1e3", "currency": "RUB"}, "/data/amount/amount"),
    ({"amount": "1_000.00", "currency": "RUB"}, "/data/amount/amount"),
    ({"amount": "NaN", "currency": "RUB"}, "/data/amount/amount"),
    ({"amount": "1000.001", "currency": "RUB"}, "/data/amount"),
    ({"amount": "1000", "currency": "RUB"}, "/data/amount"),
    ({"amount": "-5.00", "currency": "RUB"}, "/data/amount"),
    ({"amount": "0.00", "currency": "RUB"}, "/data/amount"),
    ({"amount": "5.00", "currency": "ZZZ"}, "/data/amount"),
    ({"amount": "5.00", "currency": "rub"}, "/data/amount/currency"),
    ({"amount": "5.00"}, "/data/amount/currency"),
    ("5.00", "/data/amount"),
]


@pytest.mark.parametrize(("amount", "pointer"), MONEY)
async def test_money_is_strict(bus: BusAtWork, amount: Any, pointer: str) -> None:
    for event in (payment(amount=amount), {**refund(), "data": {**refund()["data"], "amount": amount}}):
        problem = _problem(await bus.push(event), 422, "unreadable-delivery")
        assert pointer in [error["pointer"] for error in problem["errors"]]


BAD: list[tuple[dict[str, Any], str]] = [
    ({**payment(), "extra": 1}, "/extra"),
    (payment(extra=1), "/data/extra"),
    (payment(payment_id="P\x001"), "/data/payment_id"),
    (payment(lead={"system": "contract", "value": "C\x0017"}), "/data/lead/value"),
    (payment(lead={"system": "phone", "value": "none"}), "/data/lead"),
    (payment(lead={"system": "lead_id", "value": "17"}), "/data/lead"),
    (payment(lead={"system": "shoe", "value": "17"}), "/data/lead/system"),
    (payment(paid_at="2026-03-09T12:00:00"), "/data/paid_at"),
    (payment(paid_at=1_700_000_000), "/data/paid_at"),
    (payment(paid_at="2026-03-10T12:06:00+03:00"), "/data/paid_at"),
    (payment(vat={"amount": "1000.01", "currency": "RUB"}), "/data"),
    (payment(vat={"amount": "-1.00", "currency": "RUB"}), "/data"),
    (call(duration_seconds="60"), "/data/duration_seconds"),
    (call(duration_seconds=1.5), "/data/duration_seconds"),
    (call(duration_seconds=-1), "/data/duration_seconds"),
    (call(direction="up"), "/data/direction"),
    ({**payment(), "type": "payment.guessed"}, "/type"),
    ({"timestamp": "2026-03-09T10:00:00Z", "data": {}}, "/type"),
]


@pytest.mark.parametrize(("event", "pointer"), BAD)
async def test_schema_is_strict(bus: BusAtWork, event: dict[str, Any], pointer: str) -> None:
    problem = _problem(await bus.push(event), 422, "unreadable-delivery")
    assert pointer in [error["pointer"] for error in problem["errors"]], problem


async def test_the_same_delivery_again_answers_200_with_the_first_id(bus: BusAtWork) -> None:
    first = await bus.push(payment(), webhook_id="w1")
    again = await bus.push(payment(), webhook_id="w1")
    await bus.settle()
    later = await bus.push(payment(), webhook_id="w1")

    assert [first.status_code, again.status_code, later.status_code] == [202, 200, 200]
    assert again.json() == later.json() == first.json()
    assert len((await bus.read("/deliveries"))["items"]) == 1


async def test_the_same_id_at_another_source_is_another_delivery(bus: BusAtWork) -> None:
    assert (await bus.push(payment(), webhook_id="w1", source="bank")).status_code == 202
    assert (await bus.push(payment(), webhook_id="w1", source="acquirer")).status_code == 202


async def test_known_id_with_another_body_is_quarantined_once(bus: BusAtWork) -> None:
    first = await bus.push(payment(), webhook_id="w1")
    for _ in range(2):
        problem = _problem(await bus.push(payment("P2"), webhook_id="w1"), 409, "delivery-body-conflict")
        assert problem["delivery_id"] == first.json()["delivery_id"]

    quarantined = (await bus.read("/deliveries?state=quarantined"))["items"]
    assert [(one["reason"], one["type"]) for one in quarantined] == [("other_body", "payment.received")]


async def test_many_at_once_are_stored_each_once(bus: BusAtWork) -> None:
    await bus.open_source()
    events = [(f"w{number % 150}", payment(f"P{number % 150}")) for number in range(300)]
    responses = await asyncio.gather(*(bus.push(event, webhook_id=webhook_id) for webhook_id, event in events))

    assert sorted(response.status_code for response in responses) == [200] * 150 + [202] * 150
    ids: dict[str, set[str]] = {}
    for (webhook_id, _), response in zip(events, responses, strict=True):
        ids.setdefault(webhook_id, set()).add(response.json()["delivery_id"])
    assert {len(found) for found in ids.values()} == {1}


async def test_rotation_keeps_the_old_secret_for_a_while(bus: BusAtWork) -> None:
    source = await bus.open_source()
    old = bus.secrets["bank"]
    rotated = await bus.made(f"/sources/{source['id']}/secret", {"overlap_hours": 1})
    assert rotated["secret"] != old

    assert (await bus.push(payment("P1"))).status_code == 202
    bus.secrets["bank"] = rotated["secret"]
    assert (await bus.push(payment("P2"))).status_code == 202
    bus.secrets["bank"] = old
    bus.clock.set(NOW + timedelta(hours=1))
    _problem(await bus.push(payment("P3")), 401, "bad-signature")


async def test_several_signatures_in_one_header(bus: BusAtWork) -> None:
    await bus.open_source()
    body = json.dumps(payment()).encode()
    headers = signed_headers(bus.secrets["bank"], webhook_id="w", at=NOW, body=body)
    headers["webhook-signature"] = f"v1a,xx v1,AAAA {headers['webhook-signature']}"
    assert (await bus.http.post("/v1/webhooks/bank", content=body, headers=headers)).status_code == 202
