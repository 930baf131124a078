"""How sources do: the last delivery, errors, refusals at the door, what waits, and silence in working hours."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from handoff_bus.sources.health.door_log import DoorLog
from handoff_bus.sources.health.watch import HealthWatch
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.events import payment

# Tuesday, 11:40 in Moscow; the working day ends at 18:00.
CALLED = datetime(2026, 3, 10, 8, 40, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _door(bus: BusAtWork) -> DoorLog:
    return next(worker for worker in bus.service.background if isinstance(worker, DoorLog))


async def _health(bus: BusAtWork, name: str, query: str = "") -> dict[str, Any]:
    await _door(bus).write()
    (found,) = [item for item in (await bus.read(f"/source-health{query}"))["items"] if item["source"] == name]
    assert await bus.read(f"/sources/{found['source_id']}/health{query}") == found
    return dict(found)


async def _telephony(bus: BusAtWork) -> dict[str, Any]:
    """A source of telephony whose last delivery came at CALLED."""
    bus.clock.set(CALLED)
    source = await bus.made("/sources", {"name": "pbx", "kind": "aircall", "settings": {"secret": "aircall-token"}})
    body = {"resource": "user", "event": "user.opened", "token": "aircall-token"}
    answer = await bus.http.post("/v1/webhooks/pbx", json=body)
    assert answer.status_code == 202, answer.text
    return source


async def test_no_call_since_twenty_to_twelve_on_a_working_day(bus: BusAtWork) -> None:
    await _telephony(bus)

    bus.clock.set(CALLED + 2 * HOUR - timedelta(minutes=1))
    assert (await _health(bus, "pbx"))["silence"] == {"working_minutes": 119, "after_minutes": 120, "alarm": None}
    bus.clock.set(CALLED + 2 * HOUR)
    assert (await _health(bus, "pbx"))["silence"]["alarm"] == (
        "Nothing has come since 11:40 on a working day (Tuesday 2026-03-10): "
        "120 working minutes, the alarm is after 120."
    )


@pytest.mark.parametrize(
    ("now", "minutes"),
    [
        (datetime(2026, 3, 10, 15, 0, tzinfo=UTC), 380),  # 18:00, the end of the day
        (datetime(2026, 3, 11, 4, 0, tzinfo=UTC), 380),  # the night does not count
        (datetime(2026, 3, 12, 7, 0, tzinfo=UTC), 440),  # Wednesday is a holiday; Thursday, 10:00
    ],
)
async def test_only_working_time_of_the_departments_calendar_is_silence(
    bus: BusAtWork, now: datetime, minutes: int
) -> None:
    calendar = {
        "effective_from": "2026-01-01",
        "zone": "Europe/Moscow",
        "currency": "RUB",
        "working_weekdays": [1, 2, 3, 4, 5],
        "holidays": ["2026-03-11"],
        "extra_working_days": [],
    }
    revision = (await bus.read("/calendar"))["revision"]
    assert (await bus.call("PUT", "/calendar", calendar, If_Match=f'"{revision}"')).status_code == 200
    await _telephony(bus)
    bus.clock.set(now)
    assert (await _health(bus, "pbx"))["silence"]["working_minutes"] == minutes


async def test_each_source_has_the_alarm_that_fits_it(bus: BusAtWork) -> None:
    source = await _telephony(bus)
    await bus.open_source("bank")
    bus.clock.set(CALLED + timedelta(days=5))
    path = f"/sources/{source['id']}/silence-alarm"

    assert (await _health(bus, "bank"))["silence"]["after_minutes"] is None
    for minutes, after, is_alarm in ((3000, 3000, False), (600, 600, True), (0, None, False), (None, 120, True)):
        seen = (await bus.call("PUT", path, {"after_minutes": minutes}, who="head")).json()["silence"]
        assert (seen["after_minutes"], seen["alarm"] is not None) == (after, is_alarm)
    assert (await bus.call("PUT", path, {"after_minutes": -1}, who="head")).status_code == 422
    assert (await bus.call("PUT", path, {"after_minutes": 1}, who="auditor")).status_code == 403
    missing = f"/sources/{new_id()}/silence-alarm"
    assert (await bus.call("PUT", missing, {"after_minutes": 1}, who="head")).status_code == 404


async def test_a_source_that_never_came_is_silent_since_it_was_opened(bus: BusAtWork) -> None:
    bus.clock.set(CALLED)
    await bus.made("/sources", {"name": "pbx", "kind": "mango", "settings": {}})
    bus.clock.set(CALLED + 3 * HOUR)
    seen = await _health(bus, "pbx")
    assert (seen["last_delivery_at"], seen["silence"]["working_minutes"]) == (None, 180)
    assert seen["silence"]["alarm"] is not None


async def test_errors_refusals_and_what_waits(bus: BusAtWork) -> None:
    lead = Reference(system="contract", value="C-17")
    await bus.hear(ReferenceAssigned(lead_id=new_id(), reference=lead))
    for number in range(3):
        await bus.deliver(payment(f"P{number}"))
    await bus.deliver(payment("P1", amount={"amount": "2.00", "currency": "RUB"}))
    await bus.deliver(payment("P9", lead={"system": "contract", "value": "C-99"}))
    for _ in range(2):
        assert (await bus.push(payment(), webhook_signature="v1,AAAA")).status_code == 401
        await _door(bus).write()
    assert (await bus.push({"type": "nothing"})).status_code == 422

    seen = await _health(bus, "bank")
    assert seen["deliveries"] == {"parked": 1, "published": 3, "quarantined": 1}
    assert seen["refused"] == {"bad-signature": 2, "unreadable-delivery": 1}
    # One quarantined and three refused, of eight.
    assert seen["error_rate"] == "0.5000"
    assert (seen["parked"], seen["quarantined"]) == (1, 1)
    assert seen["oldest_parked_at"] == seen["last_refused_at"] == "2026-03-10T09:00:00Z"

    bus.clock.set(bus.clock.now() + 25 * HOUR)
    seen = await _health(bus, "bank")
    assert (seen["deliveries"], seen["refused"], seen["error_rate"], seen["parked"]) == ({}, {}, "0.0000", 1)
    assert (await _health(bus, "bank", "?hours=48"))["error_rate"] == "0.5000"


async def test_a_name_that_is_no_source_is_counted_for_nobody(bus: BusAtWork) -> None:
    assert (await bus.http.post("/v1/webhooks/nobody", content=b"{}")).status_code == 404
    await _door(bus).write()
    assert (await bus.read("/source-health"))["items"] == []


async def test_gauges_and_the_worker(bus: BusAtWork, caplog: pytest.LogCaptureFixture) -> None:
    await _telephony(bus)
    bus.clock.set(CALLED + 3 * HOUR)
    watch = HealthWatch(bus.database)
    for _ in range(2):
        await watch.look()

    def gauge(name: str, **labels: str) -> float | None:
        return REGISTRY.get_sample_value(f"conveyor_source_{name}", {"source": "pbx", **labels})

    assert gauge("silent") == 1
    assert gauge("last_delivery_timestamp_seconds") == CALLED.timestamp()
    assert (gauge("error_ratio"), gauge("deliveries_waiting", state="parked")) == (0, 0)
    (said,) = [record.message for record in caplog.records if "is silent" in record.message]
    assert said.startswith("source pbx is silent: Nothing has come since 11:40 on a working day (Tuesday 2026-03-10)")


async def test_what_was_refused_is_written_at_the_end(bus: BusAtWork) -> None:
    door, stop = _door(bus), asyncio.Event()
    source = await bus.open_source()
    running = asyncio.create_task(door.run(stop))
    assert (await bus.push(payment(), webhook_signature="v1,AAAA")).status_code == 401
    stop.set()
    await asyncio.wait_for(running, 5)
    assert (await bus.read(f"/sources/{source['id']}/health"))["refused"] == {"bad-signature": 1}
