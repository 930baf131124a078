"""What every kind must do at the real door: the trial, the proof, rotation of its secret, and nothing secret kept."""

import base64
import json
from datetime import timedelta
from typing import Any

import httpx2

from bench.senders.every_kind import SENDERS
from bench.senders.sending import Order, Sender, Sent
from handoff_bus.sources.kinds.registry import KINDS
from tests.handoff_bus.bus_at_work import NOW, BusAtWork

UPLOADED = {"onec_bank"}
# Their door lets in whoever comes from the listed networks; what proves the money is asked from their API.
UNPROVEN_AT_THE_DOOR = {"yookassa"}
# What they call by name, no secret: it is the same in every message and shown in their cabinet.
NO_SECRET = {"salesforce"}
DAY = timedelta(days=1)


def _sent(bus: BusAtWork, sender: Sender, number: int, secret: str) -> Sent:
    url = f"http://bus.test/v1/webhooks/{sender.kind}"
    return sender.send(Order(secret=secret, number=number, at=bus.clock.now(), url=url))


async def _open(bus: BusAtWork, sender: Sender) -> dict[str, Any]:
    settings = {"secret": sender.secrets[0], **sender.settings}
    return await bus.made("/sources", {"name": sender.kind, "kind": sender.kind, "settings": settings})


async def _push(bus: BusAtWork, kind: str, sent: Sent) -> httpx2.Response:
    query = f"?{sent.query}" if sent.query else ""
    return await bus.http.post(f"/v1/webhooks/{kind}{query}", content=sent.body, headers=dict(sent.headers))


def test_there_is_a_sender_of_every_kind() -> None:
    assert SENDERS.keys() | UPLOADED == KINDS.keys()


async def test_the_trial_of_every_kind_tells_proof_and_facts_and_stores_nothing(bus: BusAtWork) -> None:
    for kind, sender in SENDERS.items():
        source = await _open(bus, sender)
        tried = {}
        for secret in sender.secrets:
            sent = _sent(bus, sender, 1, secret)
            body = {
                "headers": {name.title(): value for name, value in sent.headers.items()},
                "body_base64": base64.b64encode(sent.body).decode(),
                "received_url": f"http://bus.test/v1/webhooks/{kind}" + (f"?{sent.query}" if sent.query else ""),
            }
            answer = await bus.call("POST", f"/sources/{source['id']}/trial", body)
            assert answer.status_code == 200, (kind, answer.text)
            tried[secret] = answer.json()
        right, wrong = (tried[secret] for secret in sender.secrets)
        assert (kind, right["verified"], bool(right["dedupe_key"])) == (kind, True, True)
        assert right["facts"] or right["silence"] in {"nothing_to_say", "thin_event"}, kind
        if kind not in UNPROVEN_AT_THE_DOOR:
            assert (kind, wrong["verified"], wrong["dedupe_key"]) == (kind, False, None)
        assert wrong["facts"] == right["facts"], kind
    assert (await bus.read("/deliveries"))["items"] == []


async def test_the_secret_of_every_kind_is_rotated_with_an_overlap(bus: BusAtWork) -> None:
    old_and_new = {}
    for kind, sender in SENDERS.items():
        source = await _open(bus, sender)
        old, new = sender.secrets
        assert (await _push(bus, kind, _sent(bus, sender, 1, old))).is_success, kind
        if kind not in UNPROVEN_AT_THE_DOOR:
            assert (await _push(bus, kind, _sent(bus, sender, 2, new))).status_code == 401, kind
        rotated = await bus.made(f"/sources/{source['id']}/secret", {"secret": new, "overlap_hours": 24})
        assert rotated["secret"] == new
        for number, secret in ((3, old), (4, new)):
            answer = await _push(bus, kind, _sent(bus, sender, number, secret))
            assert answer.is_success, (kind, number, answer.text)
        old_and_new[kind] = old, new

    bus.clock.set(NOW + DAY)
    for kind, (old, new) in old_and_new.items():
        sender = SENDERS[kind]
        if kind not in UNPROVEN_AT_THE_DOOR:
            assert (await _push(bus, kind, _sent(bus, sender, 5, old))).status_code == 401, kind
        assert (await _push(bus, kind, _sent(bus, sender, 6, new))).is_success, kind


async def test_no_secret_of_any_kind_is_kept_or_shown(bus: BusAtWork) -> None:
    for kind, sender in SENDERS.items():
        source = await _open(bus, sender)
        answer = await _push(bus, kind, _sent(bus, sender, 1, sender.secrets[0]))
        await bus.settle()
        shown = [await bus.read(f"/sources/{source['id']}"), answer.text]
        (delivery,) = (await bus.read(f"/deliveries?source={kind}"))["items"]
        shown.append(await bus.delivery(delivery["id"]))
        secret, encoded = sender.secrets[0], base64.b64encode(sender.secrets[0].encode()).decode()
        if kind not in NO_SECRET:
            assert secret not in json.dumps(shown), kind
            assert encoded not in json.dumps(shown), kind


async def test_the_same_delivery_twice_is_one_of_every_kind(bus: BusAtWork) -> None:
    for kind, sender in SENDERS.items():
        await _open(bus, sender)
        sent = _sent(bus, sender, 1, sender.secrets[0])
        for _ in range(2):
            assert (await _push(bus, kind, sent)).is_success, kind
            await bus.settle()
        assert len((await bus.read(f"/deliveries?source={kind}"))["items"]) == 1, kind
