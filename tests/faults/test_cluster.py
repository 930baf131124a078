"""Three brokers that keep every fact three times: one may always die, and two may be gone for a while."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest

from conveyor.kit.ids import new_id
from conveyor_local.home import Secrets
from conveyor_local.nats_cluster import NatsCluster, NatsNode
from conveyor_local.ports import free_port
from conveyor_local.preparation import finish, provisioning
from tests.kit.messaging_line import Line, a_line, client_of, eventually, touch
from tests.servers import FreshDatabase

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
FAILOVER_SECONDS_MAX = 60


@pytest.fixture
def cluster(server_home: Path) -> Iterator[NatsCluster]:
    passwords = Secrets.fresh().nats
    made = NatsCluster(home=server_home / f"cluster-{new_id().hex[-12:]}", port=free_port(), passwords=passwords)
    try:
        made.start()
        password = made.password_of("provisioner")
        finish([provisioning(nats_url=made.url, password=password, monitor_url=made.monitor_url, replicas=3)])
        yield made
    finally:
        made.stop()
        made.forget()


@pytest.fixture
async def line(empty_database: FreshDatabase, cluster: NatsCluster) -> AsyncIterator[Line]:
    async with a_line(empty_database, cluster) as made:
        made.start()
        yield made


async def test_leaders_killed_while_publishing(line: Line, cluster: NatsCluster) -> None:
    said = []
    for _ in range(4):
        said += await line.say(*[touch() for _ in range(50)])
        leader = await _leader_of(cluster)
        leader.kill()
        said += await line.say(*[touch() for _ in range(50)])
        await eventually(partial(_has_effects, line, len(said)), seconds=FAILOVER_SECONDS_MAX)
        await asyncio.to_thread(leader.start)

    assert sorted(await line.effects()) == sorted(said)


async def test_without_a_quorum_the_outbox_waits(line: Line, cluster: NatsCluster) -> None:
    said = await line.say(touch())
    await eventually(lambda: _has_effects(line, 1), seconds=FAILOVER_SECONDS_MAX)
    gone = cluster.nodes[:2]
    for node in gone:
        node.kill()

    said += await line.say(*[touch() for _ in range(50)])
    await eventually(lambda: _relay_failed(line), seconds=FAILOVER_SECONDS_MAX)
    assert await line.count("outbox") == 50
    for node in gone:
        await asyncio.to_thread(node.start)

    await eventually(lambda: _has_effects(line, 51), seconds=FAILOVER_SECONDS_MAX)
    assert sorted(await line.effects()) == sorted(said)


async def _leader_of(cluster: NatsCluster) -> NatsNode:
    async with client_of(cluster, "provisioner") as client:
        info = (await client.jetstream(timeout=10).stream_info("CONVEYOR")).cluster
    return next(node for node in cluster.nodes if node.name == info.leader)


async def _relay_failed(line: Line) -> bool:
    return line.relay.failures > 0


async def _has_effects(line: Line, count: int) -> bool:
    return await line.count("effects") >= count
