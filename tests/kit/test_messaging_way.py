"""From a commit to one effect: what is said is published in order and handled once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from unittest.mock import AsyncMock

import pytest

from conveyor.kit.context import RequestContext, use_context
from conveyor.kit.database import Database, Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.outbox import write_outbox
from conveyor.kit.messaging.provisioning import Provision, provision
from conveyor.kit.messaging.relay import Relay
from conveyor_local.nats import EmbeddedNats
from tests.kit.messaging_line import Line, a_line, client_of, eventually, messages_of, touch
from tests.servers import FreshDatabase


@pytest.fixture
async def line(empty_database: FreshDatabase, provisioned_nats: EmbeddedNats) -> AsyncIterator[Line]:
    async with a_line(empty_database, provisioned_nats) as made:
        yield made


class TestSaying:
    async def test_a_rollback_says_nothing(self, line: Line) -> None:
        async with line.database.transaction() as tx:
            tx.say(touch())

        assert await line.count("outbox") == 0

    async def test_rows_keep_the_order_of_saying_and_carry_the_context(self, line: Line) -> None:
        context = RequestContext(actor="employee:1")
        with use_context(context):
            ids = await line.say(touch(), touch(), touch())

        rows = await line.rows("SELECT event_id, body::jsonb ->> 'correlationid' AS c FROM outbox ORDER BY id")
        assert [row["event_id"] for row in rows] == ids
        assert {row["c"] for row in rows} == {str(context.correlation_id)}

    async def test_works_before_commit_run_once_and_may_say(self, line: Line) -> None:
        runs: list[str] = []

        async def work(tx: Transaction) -> None:
            runs.append("work")
            tx.say(touch())

        async with line.database.transaction() as tx:
            tx.once_before_commit("sum", work)
            tx.once_before_commit("sum", work)
            await tx.commit()

        assert runs == ["work"]
        assert await line.count("outbox") == 1


class TestPublishing:
    async def test_a_batch_is_published_in_order_logged_and_handled_once(self, line: Line) -> None:
        ids = await line.say(*[touch() for _ in range(300)])

        line.start()

        await eventually(lambda: line.consumer.caught_up(seconds_max=0.1))
        assert await line.effects() == ids
        assert [message.headers["Nats-Msg-Id"] for message in await line.published()] == [str(each) for each in ids]
        logged = await line.rows("SELECT event_id, stream_seq FROM outbox_log ORDER BY stream_seq")
        assert [(row["event_id"], row["stream_seq"]) for row in logged] == [
            (event_id, seq) for seq, event_id in enumerate(ids, start=1)
        ]
        assert await line.consumer.lag() == {"outbox": 0, "consumer": 0, "parked": 0}

    async def test_a_row_that_commits_late_below_published_ids_is_published(self, line: Line) -> None:
        line.start()
        async with line.database.transaction() as late:
            late_id = late.say(touch())
            await write_outbox(late.session, late._said, now=late.now)
            early_id = (await line.say(touch()))[0]
            await eventually(lambda: _has_effects(line, 1))
            await late.session.commit()

        await eventually(lambda: _has_effects(line, 2))
        assert await line.effects() == [early_id, late_id]

    async def test_a_fact_too_large_stops_its_own_key_only(self, line: Line) -> None:
        lead_id = new_id()
        async with line.database.transaction() as tx:
            large = tx.say(touch(lead_id=lead_id))
            waiting = tx.say(touch(lead_id=lead_id))
            other = tx.say(touch())
            await tx.commit()
        await line.rows("UPDATE outbox SET body = body || repeat(' ', 900000) WHERE event_id = $1", large)

        line.start()

        await eventually(lambda: _has_effects(line, 1))
        assert await line.effects() == [other]
        assert [row["event_id"] for row in await line.rows("SELECT event_id FROM outbox")] == [waiting]
        assert [row["event_id"] for row in await line.rows("SELECT event_id FROM outbox_dead")] == [large]

    async def test_only_one_of_two_relays_publishes(self, line: Line) -> None:
        second = Database(line.url, service="telemarketing", clock=line.database.clock)
        line.start()
        task = asyncio.create_task(Relay(second, line.connection).run(line.stop))
        ids = await line.say(*[touch() for _ in range(50)])

        await eventually(lambda: _has_effects(line, 50))
        assert await line.effects() == ids
        line.stop.set()
        await task
        await second.close()


class TestBrokerTrouble:
    async def test_a_start_without_a_broker_only_waits(self, line: Line) -> None:
        line.nats.stop()
        line.start()
        await line.say(touch())
        assert (await line.consumer.lag())["consumer"] == -1

        line.nats.start()

        await eventually(lambda: _has_effects(line, 1))

    async def test_restarts_under_load_lose_and_double_nothing(self, line: Line) -> None:
        line.start()
        said = []
        for round_no in range(30):
            said += await line.say(*[touch() for _ in range(10)])
            if round_no in {5, 15}:
                line.nats.kill()
                await asyncio.to_thread(line.nats.start)

        await eventually(lambda: _has_effects(line, len(said)), seconds=40)
        assert sorted(await line.effects()) == sorted(said)

    async def test_a_link_that_ends_without_telling_is_made_again(self, line: Line) -> None:
        client = await line.connection.ready(seconds_max=5)
        assert client is not None
        client._disconnected_cb = client._closed_cb = None
        await client.close()

        line.start()
        await line.say(touch())

        await eventually(lambda: _has_effects(line, 1))

    async def test_a_broker_that_hangs_does_not_fell_the_consumer(self, line: Line) -> None:
        line.start_consumer()
        await eventually(lambda: line.consumer.caught_up(seconds_max=0.1))
        assert line.nats.pid is not None
        os.kill(line.nats.pid, signal.SIGSTOP)
        try:
            line.stop.set()
            async with asyncio.timeout(10):
                await line.tasks[0]
        finally:
            os.kill(line.nats.pid, signal.SIGCONT)

    async def test_a_consumer_that_falls_ends_with_its_waiting_room(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(line.consumer, "_on_link", AsyncMock(side_effect=RuntimeError("the transport is closed")))

        async with asyncio.timeout(10):
            with pytest.raises(RuntimeError, match="the transport is closed"):
                await line.consumer.run(line.stop)

    async def test_a_wiped_stream_is_seeded_again_with_one_effect(self, line: Line) -> None:
        line.start()
        ids = await line.say(*[touch() for _ in range(20)])
        await eventually(lambda: _has_effects(line, 20))

        await _make_stream_anew(line.nats)
        more = await line.say(touch())

        await eventually(lambda: _has_effects(line, 21))
        await eventually(lambda: _is_seeded(line, 21))
        assert sorted(await line.effects()) == sorted([*ids, *more])


async def _is_seeded(line: Line, count: int) -> bool:
    return len({message.headers["Nats-Msg-Id"] for message in await messages_of(line.nats)}) == count


async def _make_stream_anew(server: EmbeddedNats) -> None:
    async with client_of(server, "provisioner") as client:
        await client.jetstream().delete_stream("CONVEYOR")
    await provision(server.url, server.password_of("provisioner"), Provision())


async def _has_effects(line: Line, count: int) -> bool:
    return await line.count("effects") >= count
