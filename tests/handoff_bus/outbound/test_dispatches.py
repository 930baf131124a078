"""Dispatches: one per fact and subscription, the schedule by the clock, disabling, replay, crash, slow neighbours."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from handoff_bus.dispatches import sender as sending
from handoff_bus.dispatches.forget_dispatches import forget_dispatches
from handoff_bus.dispatches.rules import KEPT, WAITS, Attempt, verdict_of
from handoff_bus.dispatches.sender import LEASE
from handoff_bus.outbound.client import ANSWER_BYTES_MAX
from tests.handoff_bus.bus_at_work import NOW, YESTERDAY, BusAtWork, event_of, until
from tests.handoff_bus.outbound.receivers import (
    Answering,
    Receiver,
    dispatches,
    payment,
    receiver_at_work,
    sender_of,
    states,
    subscribe,
)


async def test_a_fact_is_told_once_to_each_subscription_however_often_it_is_heard(
    bus: BusAtWork, receiver: Receiver
) -> None:
    await subscribe(bus, f"{receiver.url}/a")
    await subscribe(bus, f"{receiver.url}/b", "payment_received.v1", "handoff_offered.v1")
    await subscribe(bus, f"{receiver.url}/c", "handoff_offered.v1")
    event = event_of(payment(), at=YESTERDAY)
    for _ in range(3):
        async with bus.database.transaction() as tx:
            for handler in bus.service.listeners.of(event.kind, event.service):
                await handler(tx, event)
            await tx.commit()
    sender = sender_of(bus)
    assert (await sender.send_due(), await sender.send_due()) == (2, 0)
    assert sorted(each.path for each in receiver.received) == ["/a", "/b"]
    assert receiver.ids == [str(event.id)] * 2
    told = json.loads(receiver.received[0].body)
    assert (told["type"], told["timestamp"]) == ("payment_received.v1", YESTERDAY.isoformat().replace("+00:00", "Z"))
    assert told["data"] == json.loads(event.fact.model_dump_json())


async def test_what_did_not_commit_is_told_to_nobody(bus: BusAtWork, receiver: Receiver) -> None:
    await subscribe(bus, receiver.url)
    event = event_of(payment(), at=YESTERDAY)
    async with bus.database.transaction() as tx:
        for handler in bus.service.listeners.of(event.kind, event.service):
            await handler(tx, event)
        await tx.work_off()
    assert await dispatches(bus) == []


async def test_a_failing_subscriber_is_tried_ten_times_within_days(bus: BusAtWork, receiver: Receiver) -> None:
    await subscribe(bus, receiver.url)
    await bus.hear(payment())
    receiver.answering = Answering(status=500, body=b"sorry")
    sender = sender_of(bus)
    for number, wait in enumerate(WAITS, start=1):
        assert await sender.send_due() == 1
        assert len(receiver.received) == number
        bus.clock.set(bus.clock.now() + wait - timedelta(milliseconds=1))
        assert await sender.send_due() == 0
        bus.clock.set(bus.clock.now() + timedelta(milliseconds=1))
    await sender.send_due()
    bus.clock.set(bus.clock.now() + timedelta(days=30))
    assert await sender.send_due() == 0
    seen = await bus.read(f"/dispatches/{(await dispatches(bus))[0]['id']}", who="admin")
    assert (seen["state"], seen["attempts"], len(seen["log"])) == ("failed", 10, 10)
    assert set(receiver.ids) == {seen["event_id"]}
    assert timedelta(days=3) < sum(WAITS, timedelta()) < timedelta(days=4)


def test_waits_are_spread_and_a_throttled_subscriber_rests() -> None:
    def after(attempts: int, *, jitter: float, **attempt: Any) -> Any:
        said = Attempt("refused", **attempt)
        return verdict_of(said, type_="x.v1", attempts=attempts, failing_since=None, jitter=jitter, now=NOW)

    assert after(4, jitter=0.0, status=500).next_at == NOW + timedelta(hours=1.8)
    assert NOW + timedelta(hours=2.19) < after(4, jitter=0.999, status=500).next_at < NOW + timedelta(hours=2.2)
    assert after(1, jitter=0.5, status=500).rest_until is None
    assert after(1, jitter=0.5, status=503).rest_until == NOW + timedelta(minutes=1)
    throttled = after(1, jitter=0.5, status=429, retry_after_seconds=900)
    assert throttled.rest_until == throttled.next_at == NOW + timedelta(minutes=15)


async def test_a_subscriber_who_has_too_much_rests_as_long_as_he_asks(bus: BusAtWork, receiver: Receiver) -> None:
    await subscribe(bus, receiver.url)
    await bus.hear(payment("P1"))
    receiver.answering = Answering(status=429, headers={"retry-after": "600"})
    sender = sender_of(bus)
    await sender.send_due()
    receiver.answering = Answering()
    await bus.hear(payment("P2"))
    bus.clock.set(NOW + timedelta(seconds=599))
    assert await sender.send_due() == 0
    bus.clock.set(NOW + timedelta(seconds=600))
    assert await sender.send_due() == 2


async def test_gone_disables_at_once_and_five_bad_days_do(bus: BusAtWork, receiver: Receiver) -> None:
    gone = await subscribe(bus, f"{receiver.url}/gone")
    await bus.hear(payment("P1"))
    receiver.answering = Answering(status=410)
    sender = sender_of(bus)
    await sender.send_due()
    seen = await bus.read(f"/subscriptions/{gone['id']}", who="admin")
    assert (seen["state"], seen["disabled_reason"], seen["held"]) == ("disabled", "gone", 1)

    failing = await subscribe(bus, f"{receiver.url}/failing")
    receiver.answering = Answering(status=500)
    for day in range(6):
        bus.clock.set(NOW + timedelta(days=day))
        await bus.hear(payment(f"F{day}"))
        await sender.send_due()
        seen = await bus.read(f"/subscriptions/{failing['id']}", who="admin")
        assert seen["state"] == ("enabled" if day < 5 else "disabled")
    assert (seen["disabled_reason"], seen["failing_since"]) == ("failing", NOW.isoformat().replace("+00:00", "Z"))

    receiver.answering = Answering()
    await bus.call("POST", f"/subscriptions/{failing['id']}/enabling")
    while await sender.send_due():
        pass
    seen = await bus.read(f"/subscriptions/{failing['id']}", who="admin")
    assert (seen["failing_since"], seen["held"], seen["pending"]) == (None, 0, 0)


async def test_one_success_ends_a_failing_stretch(bus: BusAtWork, receiver: Receiver) -> None:
    made = await subscribe(bus, receiver.url)
    sender = sender_of(bus)
    for day, status in enumerate((500, 200, 500, 500, 500, 500)):
        receiver.answering = Answering(status=status)
        bus.clock.set(NOW + timedelta(days=day))
        await bus.hear(payment(f"P{day}"))
        await sender.send_due()
    assert (await bus.read(f"/subscriptions/{made['id']}", who="admin"))["state"] == "enabled"


async def test_replay_of_one_and_of_a_stretch_under_the_same_id(bus: BusAtWork, receiver: Receiver) -> None:
    made = await subscribe(bus, receiver.url)
    sender = sender_of(bus)
    for hour in range(3):
        bus.clock.set(NOW + timedelta(hours=hour))
        await bus.hear(payment(f"P{hour}"))
        await sender.send_due()
    first = (await dispatches(bus))[0]
    replayed = await bus.call("POST", f"/dispatches/{first['id']}/replay")
    assert (replayed.json()["state"], replayed.json()["attempts"]) == ("pending", 0)
    await sender.send_due()
    assert receiver.ids[3] == receiver.ids[0]
    assert receiver.received[3].body == receiver.received[0].body

    stretch = {"from": (NOW + timedelta(hours=1)).isoformat(), "until": (NOW + timedelta(hours=2)).isoformat()}
    path = f"/subscriptions/{made['id']}/replay"
    assert (await bus.call("POST", path, stretch)).json() == {"dispatches": 0}
    assert (await bus.call("POST", path, {**stretch, "states": ["delivered"]})).json() == {"dispatches": 1}
    await sender.send_due()
    assert receiver.ids[4] == receiver.ids[1]
    backwards = await bus.call("POST", path, {"from": stretch["until"], "until": stretch["from"]})
    assert backwards.json()["errors"][0]["pointer"] == "/until"


async def test_a_crash_between_sending_and_marking_sends_again(
    bus: BusAtWork, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribe(bus, receiver.url)
    await bus.hear(payment())

    async def die(*_: Any, **__: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(sending, "note_attempt", die)
        with pytest.raises(asyncio.CancelledError):
            await sender_of(bus).send_due()
    again = sender_of(bus)
    assert (await again.send_due(), await states(bus)) == (0, ["pending"])
    bus.clock.set(NOW + LEASE)
    assert await again.send_due() == 1
    assert len(set(receiver.ids)) == 1
    assert (len(receiver.ids), await states(bus)) == (2, ["delivered"])


async def test_a_slow_subscriber_delays_nobody_else(bus: BusAtWork, receiver: Receiver) -> None:
    async with receiver_at_work() as slow:
        gate = asyncio.Event()
        slow.answering = Answering(gate=gate)
        await subscribe(bus, slow.url)
        await subscribe(bus, receiver.url)
        await bus.hear(*(payment(f"P{number}") for number in range(20)))
        stop = asyncio.Event()
        working = asyncio.create_task(sender_of(bus).run(stop))

        async def all_told() -> bool:
            return len(receiver.received) == 20

        await until(all_told)
        assert len(slow.received) == 2
        gate.set()

        async def both_told() -> bool:
            return len(slow.received) == 20 and set(await states(bus)) == {"delivered"}

        await until(both_told)
        stop.set()
        await working
    assert len(set(slow.ids)) == 20


async def test_an_endless_answer_is_cut_and_a_redirect_is_a_refusal(bus: BusAtWork, receiver: Receiver) -> None:
    await subscribe(bus, receiver.url)
    sender = sender_of(bus)
    receiver.answering = Answering(body=b"x" * (ANSWER_BYTES_MAX * 200))
    await bus.hear(payment("P1"))
    await sender.send_due()
    async with receiver_at_work() as inside:
        receiver.answering = Answering(status=307, headers={"location": inside.url})
        await bus.hear(payment("P2"))
        await sender.send_due()
        assert inside.received == []
    assert await states(bus) == ["delivered", "pending"]
    refused = await bus.read(f"/dispatches/{(await dispatches(bus))[1]['id']}", who="admin")
    assert [(each["outcome"], each["status"]) for each in refused["log"]] == [("refused", 307)]


async def test_old_dispatches_are_forgotten_but_none_on_its_way(bus: BusAtWork, receiver: Receiver) -> None:
    await subscribe(bus, receiver.url)
    await bus.hear(payment("P1"))
    await sender_of(bus).send_due()
    await bus.hear(payment("P2"))
    bus.clock.set(NOW + KEPT)
    await forget_dispatches(bus.database)
    assert await states(bus) == ["delivered", "pending"]
    bus.clock.set(NOW + KEPT + timedelta(seconds=1))
    await forget_dispatches(bus.database)
    assert await states(bus) == ["pending"]
