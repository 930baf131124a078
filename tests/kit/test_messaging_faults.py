"""Faults of the way between services, one by one: each leaves every fact with one effect, in the order of its key."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from conveyor.contracts.telemarketing import TouchRecorded
from conveyor.kit.database import Database, Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.messaging import consumer
from conveyor.kit.messaging.events import Event
from conveyor.kit.messaging.relay import Relay
from conveyor_local.nats import EmbeddedNats
from tests.kit.messaging_line import (
    SERVICE,
    Line,
    a_line,
    build_line,
    client_of,
    eventually,
    messages_of,
    touch,
    write_effect,
)
from tests.servers import FreshDatabase, PostgresForTests


@pytest.fixture
async def line(empty_database: FreshDatabase, provisioned_nats: EmbeddedNats) -> AsyncIterator[Line]:
    async with a_line(empty_database, provisioned_nats) as made:
        yield made


async def test_a_repetition_past_the_broker_s_memory_has_one_effect(line: Line) -> None:
    async with client_of(line.nats, "provisioner") as client:
        js = client.jetstream()
        config = (await js.stream_info("CONVEYOR")).config
        await js.update_stream(replace(config, duplicate_window=0.1))
    line.start()
    (first,) = await line.say(touch())
    await eventually(lambda: _has_effects(line, 1))
    forgotten_at = time.monotonic() + 5 * 0.1
    await eventually(lambda: _is_past(forgotten_at))

    # As when the relay dies between the broker's acknowledgement and the mark, and comes back hours later.
    await line.rows(
        "INSERT INTO outbox (event_id, subject, key, body, created_at) "
        "SELECT event_id, subject, key, body, created_at FROM outbox_log"
    )
    (second,) = await line.say(touch())

    await eventually(lambda: _has_effects(line, 2))
    assert await line.effects() == [first, second]
    told = [message.headers["Nats-Msg-Id"] for message in await messages_of(line.nats)]
    assert told.count(str(first)) == 2


async def test_a_broker_that_hangs_while_a_batch_is_published_leaves_one_effect(line: Line) -> None:
    line.start()
    await eventually(lambda: line.consumer.caught_up(seconds_max=0.1))
    assert line.nats.pid is not None
    os.kill(line.nats.pid, signal.SIGSTOP)
    try:
        ids = await line.say(*[touch() for _ in range(50)])
        await eventually(lambda: _relay_failed(line))
    finally:
        os.kill(line.nats.pid, signal.SIGCONT)

    await eventually(lambda: _has_effects(line, 50), seconds=40)
    assert await line.effects() == ids


async def test_a_leader_that_lost_its_lock_and_does_not_know_only_repeats(
    line: Line, postgres: PostgresForTests
) -> None:
    second = Database(line.url, service=SERVICE, clock=line.database.clock)
    line.start()
    task = asyncio.create_task(Relay(second, line.connection).run(line.stop))
    lead_id, ids = new_id(), []
    for number in range(20):
        ids += await line.say(*[touch(lead_id=lead_id) for _ in range(5)])
        if number in {5, 10, 15}:
            await asyncio.to_thread(
                postgres.databases.execute,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'conveyor-telemarketing-relay'",
            )

    await eventually(lambda: _has_effects(line, 100))
    assert await line.effects() == ids
    line.stop.set()
    await task
    await second.close()


async def test_a_handler_slower_than_the_broker_s_patience_has_one_effect(
    empty_database: FreshDatabase, provisioned_nats: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(tx: Transaction, event: Event[TouchRecorded]) -> None:
        begun.set()
        await go_on.wait()
        await write_effect(tx, event)

    # Nothing says that the message is in hand, as in a process that hangs.
    monkeypatch.setattr(consumer, "IN_PROGRESS_SECONDS", 3600)
    async with a_line(empty_database, provisioned_nats, handler=slowly) as line:
        other = build_line(line.url, provisioned_nats, handler=slowly)
        line.start()
        other.start_consumer()
        await line.say(touch())
        await begun.wait()

        await eventually(lambda: _two_wait_for_one_inbox_row(line))
        go_on.set()
        await eventually(lambda: _has_effects(line, 1))
        other.stop.set()
        await asyncio.gather(*other.tasks)
        await other.connection.close()
        await other.database.close()

        assert await line.count("effects") == await line.count("inbox") == 1


async def test_a_broker_with_an_older_copy_of_its_volume_is_given_the_rest_again(line: Line, tmp_path: Path) -> None:
    volume, older = line.nats.log_path.parent / "nats", tmp_path / "older"
    line.start()
    ids = await line.say(*[touch() for _ in range(20)])
    await eventually(lambda: _has_effects(line, 20))
    await asyncio.to_thread(line.nats.stop)
    shutil.copytree(volume, older)
    await asyncio.to_thread(line.nats.start)
    ids += await line.say(*[touch() for _ in range(20)])
    await eventually(lambda: _has_effects(line, 40))

    line.nats.kill()
    line.nats.forget()
    shutil.copytree(older, volume)
    await asyncio.to_thread(line.nats.start)
    ids += await line.say(touch())

    await eventually(lambda: _has_effects(line, 41))
    await eventually(lambda: _has_in_stream(line, ids))
    assert await line.effects() == ids


async def test_a_forgotten_transaction_holds_up_nobody(line: Line) -> None:
    line.start()
    async with line.database.reading() as forgotten:
        await forgotten.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        await forgotten.execute(text("SELECT count(*) FROM outbox"))

        ids = []
        for _ in range(20):
            ids += await line.say(*[touch() for _ in range(20)])
        await eventually(lambda: _has_effects(line, 400))

    assert sorted(await line.effects()) == sorted(ids)


async def _two_wait_for_one_inbox_row(line: Line) -> bool:
    return bool(
        await line.rows(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INTO inbox%' "
            "AND datname = current_database()"
        )
    )


async def _is_past(moment: float) -> bool:
    return time.monotonic() > moment


async def _has_in_stream(line: Line, ids: list[UUID]) -> bool:
    return {message.headers["Nats-Msg-Id"] for message in await messages_of(line.nats)} == {str(each) for each in ids}


async def _relay_failed(line: Line) -> bool:
    return line.relay.failures > 0


async def _has_effects(line: Line, count: int) -> bool:
    return await line.count("effects") >= count
