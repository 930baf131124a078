"""A service whose links to its servers are reset, cut, slow or silent goes on by itself; each fact has one effect."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from uuid import UUID

import pytest

from conveyor.kit.database import DatabaseUnavailable
from conveyor.kit.messaging import consumer
from conveyor_local.nats import EmbeddedNats
from faults.link import Link
from tests.kit.messaging_line import Line, a_line, build_line, client_of, eventually, touch, write_effect
from tests.servers import FreshDatabase, PostgresForTests


@pytest.fixture
async def links(postgres: PostgresForTests, provisioned_nats: EmbeddedNats) -> AsyncIterator[dict[str, Link]]:
    made = {"postgres": Link(postgres.server.port), "nats": Link(provisioned_nats.port)}
    for link in made.values():
        await link.open()
    yield made
    for link in made.values():
        await link.close()


@pytest.fixture
async def line(
    empty_database: FreshDatabase, provisioned_nats: EmbeddedNats, links: dict[str, Link]
) -> AsyncIterator[Line]:
    async with a_line(
        empty_database, provisioned_nats, database_port=links["postgres"].port, nats_port=links["nats"].port
    ) as made:
        made.start()
        await made.say(touch())
        await eventually(lambda: _has_effects(made, 1))
        yield made


@pytest.mark.parametrize("trouble", [Link.reset, Link.cut, Link.stall])
async def test_a_broker_behind_a_bad_link(line: Line, links: dict[str, Link], trouble: Callable[[Link], None]) -> None:
    epoch = line.connection.epoch
    trouble(links["nats"])
    said = await line.say(*[touch() for _ in range(20)])
    await eventually(lambda: _noticed(line, epoch))
    links["nats"].mend()

    await eventually(lambda: _has_effects(line, 21), seconds=40)
    effects = await line.effects()
    assert len(effects) == len(set(effects)) == 21
    assert set(said) <= set(effects)


@pytest.mark.parametrize("trouble", [Link.reset, Link.cut, Link.stall])
async def test_a_database_behind_a_bad_link(
    line: Line, links: dict[str, Link], trouble: Callable[[Link], None]
) -> None:
    trouble(links["postgres"])
    with contextlib.suppress(DatabaseUnavailable, TimeoutError):
        async with asyncio.timeout(1):
            await line.say(touch())
    links["postgres"].mend()

    said = await _said_in_the_end(line)

    await eventually(lambda: _is_empty(line, "outbox"), seconds=40)
    logged = [row["event_id"] for row in await line.rows("SELECT event_id FROM outbox_log")]
    await eventually(lambda: _has_effects(line, len(logged)), seconds=40)
    assert said in logged
    assert sorted(await line.effects()) == sorted(logged)


async def test_what_a_process_without_its_database_has_in_hand_is_given_to_another(
    empty_database: FreshDatabase,
    provisioned_nats: EmbeddedNats,
    links: dict[str, Link],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer, "HANDLING_SECONDS_MAX", 1.0)
    async with a_line(empty_database, provisioned_nats, database_port=links["postgres"].port) as line:
        healthy = build_line(line.url, line.nats, handler=write_effect)
        healthy.start_relay()
        line.start_consumer()
        await eventually(lambda: line.consumer.caught_up(seconds_max=0.1))
        links["postgres"].stall()
        await healthy.say(*[touch() for _ in range(5)])
        await eventually(partial(_has_in_hand, line))
        healthy.start_consumer()
        try:
            await eventually(partial(_has_effects, line, 5), seconds=30)
        finally:
            links["postgres"].mend()
            healthy.stop.set()
            await asyncio.gather(*healthy.tasks)
            await healthy.connection.close()
            await healthy.database.close()


async def test_a_slow_link_only_takes_longer(line: Line, links: dict[str, Link]) -> None:
    for link in links.values():
        link.delay_seconds = 0.02

    await line.say(*[touch() for _ in range(20)])

    await eventually(lambda: _has_effects(line, 21), seconds=40)
    assert len(set(await line.effects())) == 21


async def _said_in_the_end(line: Line) -> UUID:
    """As a client does that is told to come again."""
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(DatabaseUnavailable):
                return (await line.say(touch()))[0]


async def _has_in_hand(line: Line) -> bool:
    async with client_of(line.nats, "provisioner") as client:
        return bool((await client.jetstream().consumer_info("CONVEYOR", line.database.service)).num_ack_pending)


async def _noticed(line: Line, epoch: int) -> bool:
    return line.relay.failures > 0 or line.connection.epoch > epoch


async def _is_empty(line: Line, table: str) -> bool:
    return await line.count(table) == 0


async def _has_effects(line: Line, count: int) -> bool:
    return await line.count("effects") >= count
