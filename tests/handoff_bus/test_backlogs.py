"""What waits in a service is seen at the bus: since when, for what; also when the service itself is silent."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from conveyor.contracts.messages import BacklogReported
from conveyor.contracts.telemarketing import TouchRecorded
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Event, WaitsFor
from conveyor.kit.operations import report_backlog
from conveyor.kit.operations.report_backlog import BacklogReporter
from conveyor_local.nats import EmbeddedNats
from tests.handoff_bus.bus_at_work import event_of
from tests.handoff_bus.stage_and_bus import StageAndBus, a_stage_and_the_bus
from tests.kit.messaging_line import eventually, touch
from tests.servers import FreshDatabase


async def handle(tx: Transaction, event: Event[TouchRecorded]) -> None:
    thing = "owner"
    raise WaitsFor(thing, event.fact.lead_id)


@pytest.fixture
async def both(
    empty_database: FreshDatabase, fresh_database: FreshDatabase, provisioned_nats: EmbeddedNats
) -> AsyncIterator[StageAndBus]:
    async with a_stage_and_the_bus(empty_database, fresh_database, provisioned_nats, handler=handle) as made:
        yield made


async def of_the_stage(both: StageAndBus) -> Any:
    return next(one for one in (await both.bus.get("/backlogs"))["items"] if one["service"] == "telemarketing")


async def test_parked_stopped_and_unhandled_facts_are_seen(both: StageAndBus) -> None:
    lead_id = new_id()
    large, _ = await both.line.say(touch(lead_id=lead_id), touch(lead_id=lead_id))
    await both.line.rows("UPDATE outbox SET body = body || repeat(' ', 900000) WHERE event_id = $1", large)
    both.line.start_relay()
    await eventually(lambda: _has_rows(both, "outbox_dead", 1))
    await both.line.say(touch(), touch())
    await eventually(lambda: _has_rows(both, "outbox_log", 2))
    # Nobody has heard of the stage yet, but the broker knows how far its reader is.
    seen = await of_the_stage(both)
    assert (seen["is_silent"], seen["reported_at"]) == (True, None)
    await both.bus.service.connection.ready(seconds_max=10)
    assert (await of_the_stage(both))["messages_ahead"] == 2

    both.line.start_consumer()
    both.start_bus()
    await eventually(lambda: _has_rows(both, "parked_facts", 2))
    await both.line.rows("UPDATE outbox SET created_at = created_at - interval '1 hour'")
    await BacklogReporter(both.line.database, both.line.consumer).once()

    await eventually(lambda: _is_reported(both))
    seen = await of_the_stage(both)
    assert (seen["is_silent"], seen["unpublishable"], seen["outbox"]) == (False, 1, 1)
    assert [(each["thing"], each["facts"]) for each in seen["parked"]] == [("owner", 2)]
    assert seen["parked"][0]["oldest_at"] > seen["outbox_oldest_at"]


async def test_it_is_said_when_it_changed_and_once_an_hour(both: StageAndBus, monkeypatch: pytest.MonkeyPatch) -> None:
    both.line.start()
    reporter = BacklogReporter(both.line.database, both.line.consumer)
    assert await reporter.once() is False, "nothing waits, nothing to say"
    await both.line.say(touch())
    await eventually(lambda: _has_rows(both, "parked_facts", 1))
    assert await reporter.once() is True
    await both.line.say(touch())
    await eventually(lambda: _has_rows(both, "parked_facts", 2))
    assert await reporter.once() is False, "a change waits for its five minutes"

    monkeypatch.setattr(report_backlog, "CHANGED_SECONDS", 0.0)
    assert await reporter.once() is True
    assert await reporter.once() is False
    monkeypatch.setattr(report_backlog, "UNCHANGED_SECONDS", 0.0)
    assert await reporter.once() is True


async def test_a_report_that_comes_late_does_not_replace_a_newer_one(both: StageAndBus) -> None:
    new = BacklogReported(outbox=0, unpublishable=0, dead_letters=2, quarantined=0, missing=0)
    old = new.model_copy(update={"dead_letters": 1})
    now = both.bus.service.database.clock.now()
    for fact, at in ((new, now), (old, now - timedelta(minutes=5))):
        await _hear(both, fact, at)

    assert (await of_the_stage(both))["dead_letters"] == 2


async def _has_rows(both: StageAndBus, table: str, rows: int) -> bool:
    return await both.line.count(table) == rows


async def _is_reported(both: StageAndBus) -> bool:
    return (await of_the_stage(both))["reported_at"] is not None


async def _hear(both: StageAndBus, fact: BacklogReported, at: Any) -> None:
    async with both.bus.service.database.transaction() as tx:
        event = event_of(fact, at=at, service="telemarketing")
        for handler in both.bus.service.listeners.of(event.kind, event.service):
            await handler(tx, event)
        await tx.commit()
