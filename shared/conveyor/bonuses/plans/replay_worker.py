"""Plays replays in the background, chunk by chunk; after a restart it goes on where the last commit left it."""

import asyncio
import logging

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.plans.advance_replay import advance_replay
from conveyor.bonuses.plans.fail_replay import fail_replay
from conveyor.kit.database_errors import is_transient, translated
from conveyor.kit.refusals import Refusal

IDLE_SECONDS = 5.0

logger = logging.getLogger(__name__)


class ReplayWorker:
    """One at a time per process; of several processes each takes another replay."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def run(self, stop: asyncio.Event) -> None:
        """Play what is asked for until told to stop."""
        while not stop.is_set():
            self._desk.replay_wanted.clear()
            try:
                went_on = await self.advanced()
            except Refusal as away:
                logger.warning("replays wait: %s", away.code)
                went_on = False
            if not went_on:
                await self._wait(stop)

    async def advanced(self) -> bool:
        """Do one chunk; False when nothing is asked for. Raises DatabaseUnavailable or DatabaseBusy."""
        try:
            return await advance_replay(self._desk)
        except Exception as error:
            named = translated(error)
            if named is not None and is_transient(named):
                # The database is away or refused to serialize: the chunk was rolled back and is done again.
                raise named from error
            logger.exception("a replay cannot be computed and is given up")
            await fail_replay(self._desk)
            return True

    async def _wait(self, stop: asyncio.Event) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (stop, self._desk.replay_wanted)]
        try:
            await asyncio.wait(waits, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
