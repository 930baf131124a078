"""One session of PostgreSQL is killed: the server ends all others and recovers, and services go on by themselves."""

import contextlib
import os
import signal
from pathlib import Path
from uuid import UUID

from conveyor.kit.database import DatabaseUnavailable
from conveyor_local.nats import EmbeddedNats
from conveyor_local.processes import descendants
from tests.kit.messaging_line import Line, a_line, eventually, touch
from tests.servers import PostgresForTests, running_postgres

ROUNDS, DEATHS = 30, {5, 12, 19}


async def test_nothing_that_was_answered_is_lost(server_home: Path, provisioned_nats: EmbeddedNats) -> None:
    with running_postgres(server_home / "killed-session") as postgres:
        async with a_line(lambda service: postgres.create_database("killed", service), provisioned_nats) as line:
            line.start()
            said: list[UUID] = []
            for number in range(ROUNDS):
                said += await _said_in_the_end(line)
                if number in DEATHS:
                    os.kill(_session_of(postgres), signal.SIGKILL)

            await eventually(lambda: _is_empty(line, "outbox"), seconds=60)
            # A commit whose answer was lost may have happened as well.
            logged = [row["event_id"] for row in await line.rows("SELECT event_id FROM outbox_log")]
            assert set(said) <= set(logged)
            await eventually(lambda: _has_effects(line, len(logged)), seconds=60)
            assert sorted(await line.effects()) == sorted(logged)


def _session_of(postgres: PostgresForTests) -> int:
    """The process of some session of the service (Linux)."""
    pid = postgres.server.pid
    assert pid is not None
    titles = {each: Path(f"/proc/{each}/cmdline").read_bytes() for each in descendants(pid)}
    return next(each for each, title in titles.items() if b"conveyor_" in title)


async def _said_in_the_end(line: Line) -> list[UUID]:
    """As a client does that is told to come again."""

    async def attempt() -> bool:
        with contextlib.suppress(DatabaseUnavailable):
            said.extend(await line.say(*[touch() for _ in range(10)]))
        return bool(said)

    said: list[UUID] = []
    await eventually(attempt, seconds=40)
    return said


async def _is_empty(line: Line, table: str) -> bool:
    with contextlib.suppress(OSError):
        return await line.count(table) == 0
    return False


async def _has_effects(line: Line, count: int) -> bool:
    return await line.count("effects") >= count
