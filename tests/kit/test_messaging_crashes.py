"""A process dies at each named point; the next one finishes its work, nothing is lost and nothing doubled."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from conveyor_local.nats import EmbeddedNats
from tests.kit.messaging_line import SERVICE, a_line
from tests.servers import FreshDatabase

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("failpoint", "said"),
    [
        ("tx.before_commit", 20),
        ("tx.after_commit", 40),
        ("relay.before_publish", 40),
        ("relay.before_mark", 40),
        ("consumer.before_commit", 40),
        ("consumer.before_ack", 40),
    ],
)
async def test_death_at_a_failpoint_leaves_one_effect_of_each(
    empty_database: FreshDatabase, provisioned_nats: EmbeddedNats, tmp_path: Path, failpoint: str, said: int
) -> None:
    async with a_line(empty_database, provisioned_nats) as line:
        environment = {"CONVEYOR_FAILPOINT": failpoint, "CONVEYOR_FAILPOINT_MARKER": str(tmp_path / "died")}
        arguments = [line.url, provisioned_nats.url, provisioned_nats.password_of(SERVICE)]

        codes = [await _run(arguments, environment) for _ in range(2)]

        assert codes == [-signal.SIGKILL, 0]
        effects = await line.effects()
        assert len(effects) == len(set(effects)) == said
        logged = await line.rows("SELECT event_id FROM outbox_log")
        assert {row["event_id"] for row in logged} == set(effects)


async def _run(arguments: list[str], environment: dict[str, str]) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.kit.messaging_process", *arguments, cwd=CHECKOUT, env=os.environ | environment
    )
    async with asyncio.timeout(70):
        return await process.wait()
