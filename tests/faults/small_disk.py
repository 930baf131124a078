"""Full disks, to be run where a file system of a few megabytes may be mounted: see test_full_disk.py.

Collected only when it is named; everything it mounts is gone with the last process of its mount namespace.
"""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

import pytest

from conveyor.kit.database import DatabaseUnavailable
from conveyor_local.home import Secrets
from conveyor_local.nats import EmbeddedNats
from conveyor_local.ports import free_port
from conveyor_local.postgres import EmbeddedPostgres
from conveyor_local.preparation import finish, provisioning
from tests.kit.messaging_line import Line, a_line, eventually, messages_of, touch
from tests.servers import FreshDatabase, PostgresForTests, running_postgres

BROKER_MEGABYTES, DATABASE_MEGABYTES = 16, 200
LONG_NOTE = "x" * 3_000


@contextmanager
def small(place: Path, *, megabytes: int) -> Iterator[None]:
    """A file system of its own over this directory, with the owner and the mode that the directory has."""
    was = place.stat()
    options = f"size={megabytes}m,mode={was.st_mode & 0o777:o},uid={was.st_uid},gid={was.st_gid}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)  # noqa: S607 - of this system
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)  # noqa: S607 - of this system


def fill(place: Path) -> Path:
    """A file that takes all the room there is."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(64 * 1024)):
            os.fsync(file.fileno())
    return filler


@pytest.fixture
def small_broker(tmp_path: Path) -> Iterator[EmbeddedNats]:
    home = tmp_path / "broker"
    (home / "nats").mkdir(parents=True)
    server = EmbeddedNats(home=home, port=free_port(), passwords=Secrets.fresh().nats)
    with small(home / "nats", megabytes=BROKER_MEGABYTES):
        server.start()
        try:
            password = server.password_of("provisioner")
            finish([provisioning(nats_url=server.url, password=password, monitor_url=server.monitor_url)])
            yield server
        finally:
            server.stop()


async def test_broker(empty_database: FreshDatabase, small_broker: EmbeddedNats, tmp_path: Path) -> None:
    async with a_line(empty_database, small_broker) as line:
        line.start()
        said = await line.say(touch())
        await eventually(lambda: _has_effects(line, 1))
        filler = fill(tmp_path / "broker" / "nats")

        for _ in range(40):
            said += await line.say(touch(note=LONG_NOTE))
        await eventually(lambda: _is_held_up(line), seconds=60)
        assert await line.count("outbox") > 0
        assert await line.count("outbox_dead") == 0

        filler.unlink()
        # The broker stops a stream that it could not write, until it is started again.
        await asyncio.to_thread(small_broker.restart)

        await eventually(lambda: _has_effects(line, len(said)), seconds=60)
        assert await line.effects() == said
        in_stream = {message.headers["Nats-Msg-Id"] for message in await messages_of(small_broker)}
        assert in_stream == {str(each) for each in said}


@pytest.fixture
def small_postgres(server_home: Path) -> Iterator[PostgresForTests]:
    with running_postgres(server_home / "small") as made:
        made.server.stop()
        with _moved_to_a_small_disk(made):
            made.server.start()
            yield made
            made.server.stop()


async def test_database(small_postgres: PostgresForTests, provisioned_nats: EmbeddedNats) -> None:
    async with a_line(lambda service: small_postgres.create_database("small", service), provisioned_nats) as line:
        line.start()
        said = await line.say(touch())
        await eventually(lambda: _has_effects(line, 1))
        filler = fill(_data_of(small_postgres))

        committed = await _said_until_refused(line)

        filler.unlink()
        await asyncio.to_thread(_started_again, small_postgres.server)
        said += committed + await _said_in_the_end(line)
        await eventually(lambda: _is_empty(line, "outbox"), seconds=60)
        # A commit whose answer was lost may have happened; nothing that was answered may be gone.
        logged = {row["event_id"] for row in await line.rows("SELECT event_id FROM outbox_log")}
        assert set(said) <= logged
        await eventually(lambda: _has_effects(line, len(logged)), seconds=60)
        assert sorted(await line.effects()) == sorted(logged)
        assert await line.count("dead_letters") == await line.count("outbox_dead") == 0


@contextmanager
def _moved_to_a_small_disk(made: PostgresForTests) -> Iterator[None]:
    data = _data_of(made)
    aside = data.with_name("data-aside")
    subprocess.run(["cp", "-a", data, aside], check=True)  # noqa: S607 - of this system
    with small(data, megabytes=DATABASE_MEGABYTES):
        subprocess.run(["cp", "-a", f"{aside}/.", data], check=True)  # noqa: S607 - of this system
        yield


def _data_of(made: PostgresForTests) -> Path:
    found = [*made.server.log_path.parent.glob("postgres/data")]
    return found[0]


def _started_again(server: EmbeddedPostgres) -> None:
    """It may have ended by itself: without room for its journal PostgreSQL does not go on."""
    server.stop()
    server.start()


async def _said_until_refused(line: Line) -> list[UUID]:
    said: list[UUID] = []
    with suppress(DatabaseUnavailable):
        async with asyncio.timeout(120):
            while True:
                said += await line.say(*[touch(note=LONG_NOTE) for _ in range(50)])
    return said


async def _said_in_the_end(line: Line) -> list[UUID]:
    async with asyncio.timeout(60):
        while True:
            with suppress(DatabaseUnavailable):
                return await line.say(touch())


async def _is_held_up(line: Line) -> bool:
    return line.relay.failures > 2


async def _is_empty(line: Line, table: str) -> bool:
    return await line.count(table) == 0


async def _has_effects(line: Line, count: int) -> bool:
    return await line.count("effects") >= count
