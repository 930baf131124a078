"""A bad delivery holds up nobody; concurrent settling and registering lose nothing; what counts as lag."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from conveyor.contracts.outside import PaymentReceived
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from handoff_bus.deliveries import intake as door
from handoff_bus.deliveries import rules
from handoff_bus.deliveries import settle as settling
from handoff_bus.deliveries.intake import Intake
from handoff_bus.deliveries.queries import deliveries_at_work
from handoff_bus.deliveries.settler import ATTEMPTS_MAX, Settler
from tests.handoff_bus.bus_at_work import NOW, BusAtWork, until
from tests.handoff_bus.events import payment


async def _known(bus: BusAtWork, *contracts: str) -> None:
    lead_id = new_id()
    facts = [
        ReferenceAssigned(lead_id=lead_id, reference=Reference(system="contract", value=value)) for value in contracts
    ]
    await bus.hear(*facts)


async def test_a_bad_delivery_is_tried_again_then_quarantined(bus: BusAtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    await _known(bus, "C-17")

    def decide(letter: Any, known: Any) -> Any:
        if letter.event.data.payment_id == "bad":
            raise RuntimeError
        return rules.decide(letter, known)

    monkeypatch.setattr(settling, "decide", decide)
    good = [await bus.push(payment(f"P{number}")) for number in range(3)]
    bad = await bus.push(payment("bad"))
    await bus.settler.settle_batch()

    assert len(await bus.said(PaymentReceived)) == len(good)
    assert await bus.state(bad.json()["delivery_id"]) == ("received", "failed")
    assert (await deliveries_at_work(bus.database))["consumer"] == 1
    for attempt in range(1, ATTEMPTS_MAX):
        assert await bus.settler.settle_batch() == 0
        bus.clock.set(NOW + timedelta(minutes=attempt))
        await bus.settler.settle_batch()
    assert await bus.state(bad.json()["delivery_id"]) == ("quarantined", "failed")

    monkeypatch.undo()
    await bus.call("POST", f"/deliveries/{bad.json()['delivery_id']}/replay", who="head")
    assert await bus.state(bad.json()["delivery_id"]) == ("published", None)


async def test_two_settlers_and_a_registration_at_once_lose_nothing(bus: BusAtWork) -> None:
    count = 120
    await bus.open_source()
    await asyncio.gather(
        *(bus.push(payment(f"P{n}", lead={"system": "contract", "value": f"C-{n}"})) for n in range(count))
    )
    other = Settler(bus.database, Intake(bus.database))
    await asyncio.gather(
        bus.settle(),
        other.settle_batch(),
        *(_known(bus, f"C-{n}", f"C-{n + 1}") for n in range(0, count, 2)),
    )
    await bus.settle()

    paid = [fact.payment_id for fact in await bus.said(PaymentReceived)]
    assert sorted(paid) == sorted(f"P{n}" for n in range(count))
    assert await deliveries_at_work(bus.database) == {"consumer": 0, "parked": 0}


async def test_lag_counts_what_is_received_and_parked(bus: BusAtWork) -> None:
    await bus.push(payment())
    assert await deliveries_at_work(bus.database) == {"consumer": 1, "parked": 0}
    await bus.settle()
    assert await deliveries_at_work(bus.database) == {"consumer": 0, "parked": 1}


async def test_the_worker_settles_what_comes_in(bus: BusAtWork) -> None:
    await _known(bus, "C-17")
    stop = asyncio.Event()
    running = asyncio.create_task(bus.settler.run(stop))
    await bus.push(payment())
    await until(lambda: bus.said(PaymentReceived))
    stop.set()
    await asyncio.wait_for(running, 5)


async def test_a_burst_is_a_crowd_however_few_send_it(bus: BusAtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    # No batch holds more than there are senders; only the number within the time tells a burst.
    monkeypatch.setattr(door, "CROWDED_SECONDS", 600.0)
    await bus.open_source()
    senders = 4

    async def send(sender: int, numbers: range) -> None:
        for number in numbers:
            await bus.push(payment(f"P{sender}-{number}"))

    await asyncio.gather(*(send(sender, range(door.CROWD // senders - 1)) for sender in range(senders)))
    before = bus.intake.is_crowded
    await asyncio.gather(*(send(sender, range(100, 101)) for sender in range(senders)))
    after = bus.intake.is_crowded
    monkeypatch.setattr(door, "CROWDED_SECONDS", 0.0)

    assert (before, after, bus.intake.is_crowded) == (False, True, False)
