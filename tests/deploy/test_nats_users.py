"""deploy/nats on the real server: each user may do its work and nothing else."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.js.api import ConsumerConfig, StreamConfig

from conveyor.contracts.registry import SERVICES
from conveyor.kit.ids import new_id
from conveyor_local.home import Secrets
from conveyor_local.nats import CONFIGURATION, EmbeddedNats, nats_server_binary
from conveyor_local.nats_permissions import STREAM, accounts_text, inbox_prefix, stale_files
from conveyor_local.ports import free_port

Connected = Callable[[str], Awaitable["User"]]
FOREIGN = {service: SERVICES[index - 1] for index, service in enumerate(SERVICES)}


class User:
    """A connection and the violations that the server told it."""

    def __init__(self, client: Client, violations: list[str]) -> None:
        self.client = client
        self.violations = violations

    async def is_denied(self, work: Awaitable[object]) -> bool:
        """Whether the server refuses this publication or subscription."""
        before = len(self.violations)
        await work
        await self.client.flush(timeout=5)
        async with asyncio.timeout(5):
            # The answer to a ping comes after the violations of what was sent before it.
            await self.client.flush(timeout=5)
        return len(self.violations) > before


@pytest.fixture
async def connected(nats_server: EmbeddedNats) -> AsyncIterator[Connected]:
    clients: list[Client] = []

    async def connect(name: str) -> User:
        violations: list[str] = []

        async def note(error: Exception) -> None:
            violations.append(str(error))

        client = await nats.connect(
            nats_server.url,
            user=name,
            password=nats_server.password_of(name),
            inbox_prefix=inbox_prefix(name),
            error_cb=note,
        )
        clients.append(client)
        return User(client, violations)

    yield connect
    for client in clients:
        await client.close()


@pytest.fixture
async def stream(connected: Connected) -> AsyncIterator[None]:
    provisioner = (await connected("provisioner")).client.jetstream(timeout=5)
    await provisioner.add_stream(
        StreamConfig(name=STREAM, subjects=["conveyor.>"], allow_direct=True, allow_atomic=True)
    )
    for service in SERVICES:
        await provisioner.add_consumer(STREAM, ConsumerConfig(durable_name=service, ack_wait=5))
    yield
    await provisioner.delete_stream(STREAM)


def test_the_server_accepts_the_configuration(nats_server: EmbeddedNats) -> None:
    checked = subprocess.run(
        [nats_server_binary(), "-t", "-c", CONFIGURATION],
        env=os.environ | nats_server.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )

    assert checked.returncode == 0, checked.stderr


def test_the_server_refuses_the_configuration_without_passwords(nats_server: EmbeddedNats) -> None:
    without = {name: value for name, value in nats_server.environment().items() if "PASSWORD" not in name}

    checked = subprocess.run(
        [nats_server_binary(), "-t", "-c", CONFIGURATION],
        env={"PATH": os.environ["PATH"], **without},
        capture_output=True,
        check=False,
        timeout=20,
    )

    assert checked.returncode != 0


def test_every_acknowledgement_waits_for_the_disk() -> None:
    assert "sync_interval: always" in CONFIGURATION.read_text()


def test_the_committed_permissions_are_those_of_the_registry() -> None:
    assert stale_files() == []
    assert all(f'user: "{service}"' in accounts_text() for service in SERVICES)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_publishes_pulls_and_acknowledges(connected: Connected, stream: None, service: str) -> None:
    user = await connected(service)
    js = user.client.jetstream(timeout=5)
    subject = f"conveyor.{service}.something.v1.key"

    await js.publish(subject, b"one")
    subscription = await js.pull_subscribe_bind(consumer=service, stream=STREAM)
    (message,) = await subscription.fetch(1, timeout=5)
    await message.ack_sync(timeout=5)
    last = await js.get_last_msg(STREAM, subject, direct=True)
    info = await js.consumer_info(STREAM, service)

    assert message.data == b"one"
    assert last.data == b"one"
    assert info.num_ack_pending == 0
    assert user.violations == []


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_publishes_an_atomic_batch(connected: Connected, stream: None, service: str) -> None:
    client = (await connected(service)).client
    subject = f"conveyor.{service}.something.v1.key"
    batch = {"Nats-Batch-Id": "batch-1"}

    await client.request(subject, b"1", timeout=5, headers=batch | {"Nats-Batch-Sequence": "1", "Nats-Msg-Id": "1"})
    ack = await client.request(
        subject,
        b"2",
        timeout=5,
        headers=batch | {"Nats-Batch-Sequence": "2", "Nats-Batch-Commit": "1", "Nats-Msg-Id": "2"},
    )

    assert b'"count":2' in ack.data


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "subject",
    [
        "conveyor.{foreign}.something.v1.key",
        "conveyor.unknown.something.v1.key",
        "elsewhere",
        "$JS.API.STREAM.CREATE.OTHER",
        "$JS.API.STREAM.DELETE.CONVEYOR",
        "$JS.API.STREAM.PURGE.CONVEYOR",
        "$JS.API.STREAM.MSG.GET.CONVEYOR",
        "$JS.API.DIRECT.GET.CONVEYOR.conveyor.{foreign}.something.v1.key",
        "$JS.API.CONSUMER.CREATE.CONVEYOR.{service}",
        "$JS.API.CONSUMER.DELETE.CONVEYOR.{service}",
        "$JS.API.CONSUMER.MSG.NEXT.CONVEYOR.{foreign}",
        "$JS.ACK.CONVEYOR.{foreign}.1.1.1.1.0",
        "_INBOX_{foreign}.guess",
    ],
)
async def test_a_service_may_not_publish(connected: Connected, service: str, subject: str) -> None:
    user = await connected(service)
    named = subject.format(service=service, foreign=FOREIGN[service])

    assert await user.is_denied(user.client.publish(named, b""))


async def test_the_eraser_purges_by_filter_and_does_nothing_else(connected: Connected, stream: None) -> None:
    service, eraser = await connected("closing"), await connected("eraser")
    js = service.client.jetstream(timeout=5)
    for key in ("gone", "kept"):
        await js.publish(f"conveyor.closing.something.v1.{key}", b"{}")

    answer = await eraser.client.request(
        f"$JS.API.STREAM.PURGE.{STREAM}", b'{"filter":"conveyor.*.*.*.gone"}', timeout=5
    )

    assert b'"purged":1' in answer.data
    assert eraser.violations == []
    for subject in (
        "conveyor.closing.something.v1.key",
        f"$JS.API.STREAM.DELETE.{STREAM}",
        f"$JS.API.STREAM.INFO.{STREAM}",
    ):
        assert await eraser.is_denied(eraser.client.publish(subject, b""))


@pytest.mark.parametrize("service", SERVICES)
async def test_only_the_bus_reads_any_message_by_its_place(connected: Connected, stream: None, service: str) -> None:
    user = await connected(service)
    await user.client.jetstream(timeout=5).publish(f"conveyor.{service}.something.v1.key", b"one")

    async def read() -> None:
        answer = await user.client.request(f"$JS.API.DIRECT.GET.{STREAM}", b'{"seq": 1}', timeout=5)
        assert answer.data == b"one"

    if service == "handoff-bus":
        await read()
    else:
        assert await user.is_denied(user.client.publish(f"$JS.API.DIRECT.GET.{STREAM}", b'{"seq": 1}'))


@pytest.mark.parametrize("service", SERVICES)
async def test_only_the_bus_sees_how_far_the_others_are(connected: Connected, stream: None, service: str) -> None:
    user = await connected(service)
    foreign = FOREIGN[service]

    if service == "handoff-bus":
        info = await user.client.jetstream(timeout=5).consumer_info(STREAM, foreign)
        assert info.name == foreign
    else:
        assert await user.is_denied(user.client.publish(f"$JS.API.CONSUMER.INFO.{STREAM}.{foreign}", b""))


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("subject", ["conveyor.>", "conveyor.{service}.>", "_INBOX_{foreign}.>", ">", "$SYS.>"])
async def test_a_service_may_not_subscribe(connected: Connected, service: str, subject: str) -> None:
    user = await connected(service)
    named = subject.format(service=service, foreign=FOREIGN[service].replace("-", "_"))

    assert await user.is_denied(user.client.subscribe(named))


async def test_the_monitor_looks_and_changes_nothing(connected: Connected, stream: None) -> None:
    monitor = await connected("monitor")

    info = await monitor.client.jetstream(timeout=5).stream_info(STREAM)

    assert info.config.subjects == ["conveyor.>"]
    assert await monitor.is_denied(monitor.client.publish("$JS.API.STREAM.DELETE.CONVEYOR", b""))
    assert await monitor.is_denied(monitor.client.publish("conveyor.closing.something.v1.key", b""))


async def test_the_provisioner_says_no_facts(connected: Connected) -> None:
    provisioner = await connected("provisioner")

    assert await provisioner.is_denied(provisioner.client.publish("conveyor.closing.something.v1.key", b""))


async def test_nobody_enters_without_a_password(nats_server: EmbeddedNats) -> None:
    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        await nats.connect(nats_server.url, allow_reconnect=False, connect_timeout=5)


async def test_a_password_that_was_changed_or_is_anothers_opens_nothing(server_home: Path) -> None:
    passwords = Secrets.fresh().nats
    server = EmbeddedNats(home=server_home / f"nats-{new_id().hex[-12:]}", port=free_port(), passwords=passwords)
    await asyncio.to_thread(server.start)
    try:
        server.change_password("closing", "p4f1c0de4f1c0de4f1c0de4f1c0de")
        await asyncio.to_thread(server.restart)
        for wrong in (passwords["closing"], passwords["account"], "", "P4F1C0DE4F1C0DE4F1C0DE4F1C0DE"):
            with pytest.raises(nats.errors.Error, match="Authorization Violation"):
                await nats.connect(server.url, user="closing", password=wrong, allow_reconnect=False, connect_timeout=5)
        good = await nats.connect(server.url, user="closing", password=server.password_of("closing"))
        await good.close()
    finally:
        server.stop()
        server.forget()
