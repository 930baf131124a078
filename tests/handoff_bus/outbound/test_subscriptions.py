"""Subscriptions: who may make them, what may be wished for, secrets that overlap, disabling, enabling, ending."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from conveyor.kit.ids import new_id
from handoff_bus.subscriptions.rules import OFFERED, SUBSCRIPTIONS_MAX
from tests.handoff_bus.bus_at_work import NOW, BusAtWork
from tests.handoff_bus.outbound.receivers import (
    Answering,
    Receiver,
    dispatches,
    payment,
    sender_of,
    states,
    subscribe,
)


async def test_only_an_admin_manages_subscriptions(bus: BusAtWork, receiver: Receiver) -> None:
    made = await subscribe(bus, receiver.url)
    wish = {"url": receiver.url, "fact_types": ["payment_received.v1"]}
    for who in ("head", "integration", "auditor", f"sdr:{new_id()}"):
        for call in ("POST /subscriptions", f"POST /subscriptions/{made['id']}/ping"):
            method, path = call.split(" ")
            assert (
                await bus.call(method, path, wish if path == "/subscriptions" else None, who=who)
            ).status_code == 403
    seen = await bus.read(f"/subscriptions/{made['id']}", who="auditor")
    assert "secret" not in seen
    assert (seen["state"], seen["pending"], seen["held"], seen["failed"]) == ("enabled", 0, 0, 0)
    assert [each["id"] for each in (await bus.read("/subscriptions?state=enabled", who="admin"))["items"]] == [
        made["id"]
    ]


async def test_wishes_that_cannot_be_met_name_their_field(bus: BusAtWork) -> None:
    answer = await bus.call(
        "POST",
        "/subscriptions",
        {"url": "https://169.254.169.254/latest", "fact_types": ["payment_received.v1", "payout_batch_part.v1"]},
    )
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/url", "/fact_types/1"]
    assert (
        await bus.call("POST", "/subscriptions", {"url": "https://a.example/", "fact_types": []})
    ).status_code == 422
    assert "payment_received.v1" in OFFERED


async def test_there_are_no_more_subscriptions_than_the_bus_serves(bus: BusAtWork) -> None:
    first = await subscribe(bus, "https://hooks.example.com/")
    for _ in range(SUBSCRIPTIONS_MAX - 1):
        await subscribe(bus, "https://hooks.example.com/")
    wish = {"url": "https://hooks.example.com/", "fact_types": ["payment_received.v1"]}
    refused = await bus.call("POST", "/subscriptions", wish)
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-subscriptions")
    assert (await bus.call("DELETE", f"/subscriptions/{first['id']}")).status_code == 200
    assert (await bus.call("POST", "/subscriptions", wish)).status_code == 201


async def test_a_rotated_secret_signs_beside_the_old_one_until_the_overlap_ends(
    bus: BusAtWork, receiver: Receiver
) -> None:
    bus.clock.set(datetime.now(UTC))  # the library compares with the machine's clock
    old = await subscribe(bus, receiver.url)
    new = await bus.made(f"/subscriptions/{old['id']}/secret", {"overlap_hours": 1})
    assert old["secret"].startswith("whsec_")
    assert new["secret"] != old["secret"]
    sender = sender_of(bus)
    await bus.hear(payment())
    await sender.send_due()
    for secret in (old["secret"], new["secret"]):
        told = Webhook(secret).verify(receiver.received[0].body, receiver.received[0].headers)
        assert told["type"] == "payment_received.v1"
        assert told["data"]["amount"] == {"amount": "1000.00", "currency": "RUB"}
    with pytest.raises(WebhookVerificationError):
        Webhook(old["secret"]).verify(receiver.received[0].body + b" ", receiver.received[0].headers)

    bus.clock.set(bus.clock.now() + timedelta(hours=1))
    await bus.hear(payment("P2"))
    await sender.send_due()
    assert len(receiver.received[0].headers["webhook-signature"].split(" ")) == 2
    assert len(receiver.received[1].headers["webhook-signature"].split(" ")) == 1


async def test_nothing_is_lost_while_a_subscription_is_disabled(bus: BusAtWork, receiver: Receiver) -> None:
    made = await subscribe(bus, receiver.url)
    sender = sender_of(bus)
    await bus.hear(payment("P1"))
    disabled = await bus.call("POST", f"/subscriptions/{made['id']}/disabling")
    assert (disabled.json()["state"], disabled.json()["disabled_reason"]) == ("disabled", "by_hand")
    await bus.hear(payment("P2"))
    assert (await sender.send_due(), await states(bus)) == (0, ["held", "held"])

    enabled = await bus.call("POST", f"/subscriptions/{made['id']}/enabling")
    assert (enabled.json()["state"], enabled.json()["disabled_reason"]) == ("enabled", None)
    await sender.send_due()
    assert [json.loads(each.body)["data"]["payment_id"] for each in receiver.received] == ["P1", "P2"]
    assert await states(bus) == ["delivered", "delivered"]


async def test_an_ended_subscription_is_told_nothing_and_changed_no_more(bus: BusAtWork, receiver: Receiver) -> None:
    made = await subscribe(bus, receiver.url)
    await bus.hear(payment("P1"))
    assert (await bus.call("DELETE", f"/subscriptions/{made['id']}")).json()["state"] == "ended"
    await bus.hear(payment("P2"))
    assert (await sender_of(bus).send_due(), await states(bus)) == (0, ["cancelled"])
    for path in ("enabling", "disabling", "ping", "secret"):
        refused = await bus.call("POST", f"/subscriptions/{made['id']}/{path}", {} if path == "secret" else None)
        assert (refused.status_code, refused.json()["code"]) == (409, "subscription-ended")
    replay = f"/dispatches/{(await dispatches(bus))[0]['id']}/replay"
    assert (await bus.call("POST", replay)).json()["code"] == "subscription-ended"
    assert (await bus.call("POST", f"/subscriptions/{new_id()}/ping")).status_code == 404


async def test_a_changed_address_and_other_facts_count_from_now_on(bus: BusAtWork, receiver: Receiver) -> None:
    made = await subscribe(bus, "http://127.0.0.1:1/nobody")
    await bus.hear(payment("P1"))
    await sender_of(bus).send_due()
    changed = await bus.call(
        "PATCH", f"/subscriptions/{made['id']}", {"url": receiver.url, "fact_types": ["handoff_offered.v1"]}
    )
    assert changed.json()["fact_types"] == ["handoff_offered.v1"]
    await bus.hear(payment("P2"))
    bus.clock.set(NOW + timedelta(minutes=1))
    assert (await sender_of(bus).send_due(), len(receiver.received)) == (1, 1)
    empty = await bus.call("PATCH", f"/subscriptions/{made['id']}", {"url": None})
    assert empty.json()["errors"][0]["pointer"] == "/url"


async def test_a_ping_reaches_also_a_disabled_subscription_once(bus: BusAtWork, receiver: Receiver) -> None:
    made = await subscribe(bus, receiver.url)
    await bus.call("POST", f"/subscriptions/{made['id']}/disabling")
    receiver.answering = Answering(status=500, body=b"not \x00 yet")
    pinged = await bus.made(f"/subscriptions/{made['id']}/ping", {})
    await sender_of(bus).send_due()
    seen = await bus.read(f"/dispatches/{pinged['id']}", who="admin")
    assert (seen["type"], seen["state"], seen["next_at"]) == ("ping", "failed", None)
    assert (seen["log"][0]["outcome"], seen["log"][0]["status"]) == ("refused", 500)
    assert seen["log"][0]["detail"] == "not � yet"
    assert json.loads(receiver.received[0].body)["data"] == {"subscription_id": made["id"]}
    assert (await bus.read(f"/subscriptions/{made['id']}", who="admin"))["failing_since"] is None
