"""What can happen to a running system: each trouble does its harm, lasts a while and is mended.

A trouble has one part as its target and leaves it running. The chance of the scene decides how long it lasts and, where
there is a choice, what else it hits.
"""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from conveyor.kit.ids import new_id
from conveyor_local.processes import UnableToStart, descendants, wait_until
from faults.link import Link
from faults.linked_stack import LinkedStack
from faults.poison import Poison

DEATH_SECONDS_MAX = 6.0
READY_SECONDS_MAX = 30.0
FAILPOINTS = (
    "tx.before_commit",
    "tx.after_commit",
    "relay.before_publish",
    "relay.before_mark",
    "consumer.before_commit",
    "consumer.before_ack",
)
# Another trouble had the database at the same time.
AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)


@dataclass(slots=True)
class Scene:
    """Where troubles happen."""

    stack: LinkedStack
    poison: Poison
    chance: random.Random


Harm = Callable[[Scene, str], Awaitable[None]]


async def _aside(work: Callable[..., None], *arguments: str) -> None:
    await asyncio.to_thread(work, *arguments)


async def _up_again(scene: Scene, part: str) -> None:
    """Start it, and wait for a service: else a slow machine would have all of them down at once, all the time."""
    await _aside(scene.stack.start_part, part)
    if part in scene.stack.service_parts:
        with suppress(UnableToStart):
            await asyncio.to_thread(scene.stack.wait_part, part, seconds=READY_SECONDS_MAX)


async def kill(scene: Scene, part: str) -> None:
    """SIGKILL, and a start after a moment."""
    await _aside(scene.stack.kill_part, part)
    await asyncio.sleep(scene.chance.uniform(0, 3))
    await _up_again(scene, part)


async def restart(scene: Scene, part: str) -> None:
    """A stop in good order, and a start."""
    await _aside(scene.stack.stop_part, part)
    await _up_again(scene, part)


async def freeze(scene: Scene, part: str) -> None:
    """SIGSTOP for longer than deadlines of acknowledgements, then SIGCONT: a zombie that does not know it."""
    pid = scene.stack.pid_of(part)
    if pid is not None:
        await _frozen([pid], scene.chance.uniform(0.5, 9))


async def die_at_failpoint(scene: Scene, part: str) -> None:
    """A start with a named place at which the process kills itself."""
    died = Path(scene.stack.home) / f"died-{new_id().hex}"
    env = {"CONVEYOR_FAILPOINT": scene.chance.choice(FAILPOINTS), "CONVEYOR_FAILPOINT_MARKER": str(died)}
    await _aside(scene.stack.stop_part, part)
    await asyncio.to_thread(scene.stack.start_part, part, **env)
    with suppress(UnableToStart):
        await asyncio.to_thread(
            wait_until,
            lambda: scene.stack.has_ended(part),
            seconds=DEATH_SECONDS_MAX,
            what="a death",
            every_seconds=0.1,
        )
    await _aside(scene.stack.kill_part, part)
    await _up_again(scene, part)


async def kill_backend(scene: Scene, _part: str) -> None:
    """SIGKILL one session's process: PostgreSQL ends all sessions and recovers."""
    backends = _backends(scene)
    if backends:
        _send([scene.chance.choice(backends)], signal.SIGKILL)
    await asyncio.sleep(0.5)


async def freeze_backends(scene: Scene, _part: str) -> None:
    """Some sessions hang in the middle of what they do, with their locks."""
    backends = _backends(scene)
    chosen = scene.chance.sample(backends, k=min(4, len(backends)))
    await _frozen(chosen, scene.chance.uniform(0.5, 6))


async def end_sessions(scene: Scene, part: str) -> None:
    """An administrator ends all sessions of one service, its relay's advisory lock with them."""
    service = scene.stack.service_parts[part]
    with suppress(*AWAY):
        await asyncio.to_thread(
            scene.stack.database().execute,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "  # noqa: S608 - a service's own name
            f"WHERE application_name LIKE 'conveyor-{service}%'",
        )


async def hold_snapshot(scene: Scene, part: str) -> None:
    """A long transaction with a snapshot, as a forgotten report has it."""
    try:
        session = await asyncpg.connect(scene.stack.database_urls(scene.stack.service_parts[part]).app)
    except AWAY:
        return
    try:
        async with session.transaction(isolation="repeatable_read"):
            await session.fetchval("SELECT count(*) FROM outbox")
            await asyncio.sleep(scene.chance.uniform(1, 8))
    except AWAY:
        return  # another trouble ended it
    finally:
        with suppress(*AWAY):
            await session.close(timeout=2)


async def cut(scene: Scene, part: str) -> None:
    """Nobody gets through to one server for a while; who was through is reset."""
    link = _link(scene, part)
    link.cut()
    await asyncio.sleep(scene.chance.uniform(0.3, 5))
    link.mend()


async def reset(scene: Scene, part: str) -> None:
    """All connections to one server are reset once."""
    _link(scene, part).reset()


async def stall(scene: Scene, part: str) -> None:
    """Nothing passes to or from one server, and connections stand."""
    link = _link(scene, part)
    link.stall()
    await asyncio.sleep(scene.chance.uniform(0.5, 14))
    if scene.chance.random() < 0.5:
        link.reset()
    link.mend()


async def slow(scene: Scene, part: str) -> None:
    """Each piece to and from one server takes a while."""
    link = _link(scene, part)
    link.delay_seconds = scene.chance.uniform(0.01, 0.1)
    await asyncio.sleep(scene.chance.uniform(1, 6))
    link.mend()


async def poison(scene: Scene, _part: str) -> None:
    """Messages that are no facts, or facts of somebody else, or old facts with another body."""
    await scene.poison.spill(scene.chance)


async def repeat(scene: Scene, _part: str) -> None:
    """Old messages once more, in another order, past the broker's own memory of their ids."""
    await scene.poison.repeat(scene.chance)


async def rewind(scene: Scene, part: str) -> None:
    """A consumer is set back, as after the loss of its state: everything since comes again."""
    await scene.poison.rewind(scene.stack.service_parts[part], scene.chance)


def _link(scene: Scene, part: str) -> Link:
    servers = sorted(server for owner, server in scene.stack.links if owner == part)
    return scene.stack.links[part, scene.chance.choice(servers)]


def _backends(scene: Scene) -> list[int]:
    """The processes of the services' sessions (Linux)."""
    pid = scene.stack.postgres.pid
    return [] if pid is None else [each for each in descendants(pid) if b"conveyor_" in _title(each)]


def _title(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


async def _frozen(pids: Sequence[int], seconds: float) -> None:
    _send(pids, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        _send(pids, signal.SIGCONT)


def _send(pids: Sequence[int], which: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, which)
