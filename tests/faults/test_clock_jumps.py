"""A service's clock jumps by a day and back: facts keep their order and their one effect, and nothing is done twice.

The product reads the machine's clock in one place only (`conveyor.kit.clock`), so a clock that is set is a machine
whose clock jumped, as far as the service can see. The database's and the broker's own clocks stand.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from conveyor.contracts.telemarketing import TouchRecorded
from conveyor.kit.clock import FrozenClock, SystemClock
from conveyor.kit.context import IdempotencyClaim, RequestContext, use_context
from conveyor.kit.database import IdempotentReplay, Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Event
from conveyor_local.nats import EmbeddedNats
from tests.kit.messaging_line import Line, a_line, eventually, touch, write_effect
from tests.servers import FreshDatabase

JUMPS = [timedelta(days=1), timedelta(days=-2), timedelta(hours=1), timedelta(days=30), timedelta(days=-29)]


class Flaky(Exception):
    """A handler's first attempt."""


@pytest.fixture
async def line(empty_database: FreshDatabase, provisioned_nats: EmbeddedNats) -> AsyncIterator[Line]:
    """Each fact whose note says so fails when it comes first."""
    failed = set()

    async def at_the_second_attempt(tx: Transaction, event: Event[TouchRecorded]) -> None:
        if event.fact.note and event.id not in failed:
            failed.add(event.id)
            raise Flaky
        await write_effect(tx, event)

    async with a_line(empty_database, provisioned_nats, handler=at_the_second_attempt) as made:
        made.database.clock = FrozenClock(SystemClock().now())
        made.start()
        yield made


def jump(line: Line, by: timedelta) -> None:
    assert isinstance(line.database.clock, FrozenClock)
    line.database.clock.set(line.database.clock.now() + by)


async def test_facts_keep_their_order_and_one_effect(line: Line) -> None:
    lead_id, ids = new_id(), []
    for by in JUMPS:
        ids += await line.say(*[touch(lead_id=lead_id) for _ in range(10)])
        jump(line, by)

    await eventually(lambda: _has_effects(line, len(ids)))
    assert await line.effects() == ids


async def test_what_failed_before_a_jump_is_tried_again_after_it(line: Line) -> None:
    ids = []
    for by in JUMPS:
        ids += await line.say(touch(note="fails at first"))
        jump(line, by)

    await eventually(lambda: _has_effects(line, len(ids)))
    assert sorted(await line.effects()) == sorted(ids)
    assert await line.count("dead_letters") == 0


@pytest.mark.parametrize("by", [timedelta(days=2), timedelta(days=-30)])
async def test_a_repeated_request_is_known_after_a_jump(line: Line, by: timedelta) -> None:
    claim = IdempotencyClaim(key="k", principal="sdr:1", request_hash=b"one", status=201)

    async def request() -> None:
        with use_context(RequestContext(actor="sdr:1", idempotency=claim)):
            await line.say(touch())

    await request()
    jump(line, by)

    with pytest.raises(IdempotentReplay):
        await request()
    await eventually(lambda: _has_effects(line, 1))


async def test_the_relay_s_lead_goes_over_though_the_clock_went_back(line: Line) -> None:
    ids = await line.say(touch())
    await eventually(lambda: _has_effects(line, 1))
    jump(line, timedelta(days=-3))
    line.stop.set()
    await asyncio.gather(*line.tasks)

    line.stop.clear()
    line.tasks.clear()
    line.start()
    ids += await line.say(touch())

    await eventually(lambda: _has_effects(line, 2))
    assert await line.effects() == ids


async def _has_effects(line: Line, count: int) -> bool:
    return await line.count("effects") >= count
