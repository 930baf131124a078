"""Replays of many deliveries: by ids and by time, to the end whatever breaks, and nothing is said twice."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from conveyor.contracts.outside import PaymentReceived
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from handoff_bus.deliveries import rules
from handoff_bus.deliveries import settle as settling
from handoff_bus.deliveries.replays import replayer
from handoff_bus.deliveries.replays.replayer import Replayer
from tests.handoff_bus.bus_at_work import NOW, BusAtWork, until
from tests.handoff_bus.events import payment

DAY = {"received_from": "2026-03-10T00:00:00Z", "received_until": "2026-03-11T00:00:00Z"}


async def _parked(bus: BusAtWork, count: int) -> list[str]:
    return [await bus.deliver(payment(f"P{number}")) for number in range(count)]


async def _know_quietly(bus: BusAtWork, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """The lead becomes known without waking what waits for it, as it was before a release that reads more."""
    lead_id = new_id()
    with monkeypatch.context() as patched:

        async def nobody(*_: Any) -> None:
            return None

        patched.setattr("handoff_bus.references.register_references.wake", nobody)
        await bus.hear(ReferenceAssigned(lead_id=lead_id, reference=Reference(system="contract", value="C-17")))
    return lead_id


async def _replayed(bus: BusAtWork, body: dict[str, Any]) -> dict[str, Any]:
    replay = await bus.made("/delivery-replays", body, who="head")
    while await Replayer(bus.database).replay_batch():
        pass
    return await bus.read(f"/delivery-replays/{replay['id']}")


async def _paid(bus: BusAtWork) -> list[str]:
    return sorted(fact.payment_id for fact in await bus.said(PaymentReceived))


async def test_a_stretch_of_time_is_read_again_in_batches_and_once(
    bus: BusAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replayer, "BATCH_MAX", 2)
    ids = await _parked(bus, 5)
    rejected = f"/deliveries/{ids[0]}/rejection"
    await bus.call("POST", rejected, {"reason": "not ours"}, who="head")
    bus.clock.set(NOW + timedelta(days=1))
    await bus.deliver(payment("tomorrow"))
    await _know_quietly(bus, monkeypatch)

    asked = await bus.made("/delivery-replays", DAY, who="head")
    assert (asked["state"], asked["total"], asked["read"], asked["outcomes"]) == ("running", 4, 0, {})
    worker = Replayer(bus.database)
    await worker.replay_batch()
    seen = await bus.read(f"/delivery-replays/{asked['id']}")
    assert (seen["state"], seen["total"], seen["read"], seen["outcomes"]) == ("running", 4, 2, {"published": 2})
    while await worker.replay_batch():
        pass
    seen = await bus.read(f"/delivery-replays/{asked['id']}")
    assert (seen["state"], seen["read"], seen["outcomes"]) == ("done", 4, {"published": 4})
    assert await _paid(bus) == ["P1", "P2", "P3", "P4"]
    assert await bus.state(ids[0]) == ("rejected", "by_hand")

    again = await _replayed(bus, DAY)
    assert (again["total"], again["outcomes"]) == (0, {})
    assert (await _replayed(bus, {**DAY, "state": "rejected"}))["outcomes"] == {"published": 1}
    assert (await _replayed(bus, {**DAY, "state": "published"}))["outcomes"] == {"published": 5}
    assert await _paid(bus) == ["P0", "P1", "P2", "P3", "P4"]
    assert len((await bus.read("/delivery-replays"))["items"]) == 4


async def test_named_deliveries_are_read_again_whatever_their_state(
    bus: BusAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await _parked(bus, 3)
    await bus.call("POST", f"/deliveries/{ids[0]}/rejection", {"reason": "not ours"}, who="head")
    await _know_quietly(bus, monkeypatch)

    assert (await _replayed(bus, {"delivery_ids": ids[:2]}))["outcomes"] == {"published": 2}
    assert await _paid(bus) == ["P0", "P1"]


async def test_only_what_the_search_means(bus: BusAtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    await bus.deliver(payment("bank"))
    await bus.deliver(payment("till"), source="till")
    await bus.deliver(payment("other", lead={"system": "contract", "value": "C-18"}), source="till")
    await _know_quietly(bus, monkeypatch)

    seen = await _replayed(bus, {**DAY, "source": "till", "reference": "contract:C-17", "reason": "unknown_lead"})
    assert (seen["total"], await _paid(bus)) == (1, ["till"])


async def test_two_replayers_the_settler_and_a_registration_at_once(bus: BusAtWork) -> None:
    await _parked(bus, 60)
    for _ in range(3):
        await bus.made("/delivery-replays", DAY, who="head")
    known = ReferenceAssigned(lead_id=new_id(), reference=Reference(system="contract", value="C-17"))

    async def replay() -> None:
        while await Replayer(bus.database).replay_batch():
            pass

    await asyncio.gather(replay(), replay(), bus.hear(known))
    await bus.settle()
    assert await _paid(bus) == sorted(f"P{n}" for n in range(60))


async def test_a_bad_delivery_does_not_hold_up_a_replay(bus: BusAtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await _parked(bus, 3)
    await _know_quietly(bus, monkeypatch)

    def decide(letter: Any, known: Any) -> Any:
        if letter.event.data.payment_id == "P1":
            raise RuntimeError
        return rules.decide(letter, known)

    monkeypatch.setattr(settling, "decide", decide)
    seen = await _replayed(bus, DAY)
    assert (seen["state"], seen["outcomes"]) == ("done", {"received": 3})
    await bus.settle()
    assert await _paid(bus) == ["P0", "P2"]
    assert await bus.state(ids[1]) == ("received", "failed")


async def test_the_worker_makes_a_replay_and_stops_when_told(bus: BusAtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    await _parked(bus, 2)
    await _know_quietly(bus, monkeypatch)
    stop = asyncio.Event()
    running = asyncio.create_task(Replayer(bus.database).run(stop))
    await bus.made("/delivery-replays", DAY, who="head")
    await until(lambda: bus.said(PaymentReceived))
    stop.set()
    await asyncio.wait_for(running, 5)


async def test_a_silent_delivery_is_read_again_and_a_published_one_stays(bus: BusAtWork) -> None:
    await bus.made("/sources", {"name": "crm", "kind": "bitrix24", "settings": {"secret": "app-token"}})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = "event=ONCRMLEADADD&data[FIELDS][ID]=31&ts=1771934400&auth[application_token]=app-token"
    await bus.http.post("/v1/webhooks/crm", content=body, headers=headers)
    await bus.settle()
    (seen,) = (await bus.read("/deliveries?source=crm"))["items"]
    assert (seen["state"], seen["reason"]) == ("published", "thin_event")
    assert (await _replayed(bus, {"delivery_ids": [seen["id"]]}))["outcomes"] == {"published": 1}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"received_from": "2026-03-10T00:00:00Z"}, ""),
        ({**DAY, "delivery_ids": [str(new_id())]}, ""),
        ({"delivery_ids": []}, "/delivery_ids"),
        ({"delivery_ids": [str(new_id())]}, "/delivery_ids"),
        ({**DAY, "received_until": "2026-03-09T00:00:00Z"}, "/received_until"),
        ({**DAY, "reference": "C-17"}, "/reference"),
    ],
)
async def test_replays_that_make_no_sense(bus: BusAtWork, body: dict[str, Any], pointer: str) -> None:
    refused = await bus.call("POST", "/delivery-replays", body, who="head")
    assert refused.status_code == 422, refused.text
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]
    assert (await bus.call("POST", "/delivery-replays", DAY, who="auditor")).status_code == 403


async def test_a_delivery_whose_body_was_removed_stays_what_it_is(bus: BusAtWork) -> None:
    delivery_id = await bus.deliver(payment("P1"))
    async with bus.database.transaction() as tx:
        removed = "body = ''::bytea, headers = '{}', state = 'rejected', reason = 'erased', raw_removed_at = now()"
        await tx.session.execute(text(f"UPDATE deliveries SET {removed}"))  # noqa: S608 - a constant
        await tx.commit()

    refused = await bus.call("POST", f"/deliveries/{delivery_id}/replay", who="head")
    assert (refused.status_code, refused.json()["code"]) == (409, "delivery-body-removed")
    for body in ({"delivery_ids": [delivery_id]}, {**DAY, "state": "rejected"}):
        assert (await _replayed(bus, body))["outcomes"] == {"rejected": 1}
    assert await bus.state(delivery_id) == ("rejected", "erased")
