"""A commit that comes late: below the ids of facts that were said after it and are published already.

Chance hardly ever meets a writer between its outbox rows and its commit, which is a millisecond; so its link is made
slow, and when one is seen there, its session's process is stopped while the others go on at full speed.
"""

import asyncio
import os
import signal
import time
from contextlib import suppress

import asyncpg

from faults.troubles import AWAY, Scene

WATCHED_SECONDS = 4.0
SLOW_SECONDS = 0.03
_BETWEEN = """
    SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND state = 'idle in transaction'
    AND query LIKE '%INSERT INTO outbox (%' LIMIT 1
"""


async def commit_late(scene: Scene, part: str) -> None:
    """Stop one writer of this service between its facts and its commit, for longer than publishing takes."""
    link = scene.stack.links[part, "postgres"]
    pid = None
    try:
        session = await asyncpg.connect(scene.stack.postgres.admin_url, timeout=5)
        try:
            link.delay_seconds = SLOW_SECONDS
            pid = await _stopped_writer(session, scene.stack.service_parts[part])
        finally:
            link.mend()
            with suppress(*AWAY):
                await session.close(timeout=2)
        if pid is not None:
            await asyncio.sleep(scene.chance.uniform(1, 4))
    except AWAY:
        return
    finally:
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


async def _stopped_writer(session: "asyncpg.Connection[asyncpg.Record]", service: str) -> int | None:
    until = time.monotonic() + WATCHED_SECONDS
    while time.monotonic() < until:
        pid: int | None = await session.fetchval(_BETWEEN, f"conveyor-{service}")
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
            return pid
        await asyncio.sleep(0.002)
    return None
