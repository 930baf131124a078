"""The worker that gives handoffs to somebody who is there, when a day begins on which another one is not."""

import asyncio
import logging
from typing import Final

from conveyor.handoffs.reroute_handoffs import reroute_unattended
from conveyor.handoffs.stage import ReceivingStage
from conveyor.kit.database import Database, DatabaseBusy, DatabaseUnavailable

ROUND_SECONDS: Final = 30.0

logger = logging.getLogger(__name__)


class AttendanceWatch:
    """Looks every half minute for handoffs that lie with nobody, or with somebody who is gone or away by now.

    So an absence or a leave that was announced for later takes effect on its day, and what found nobody with room gets
    the first who has some. Safe in several replicas: routing is one at a time per stage.
    """

    def __init__(self, database: Database, *, stage: ReceivingStage) -> None:
        self._database = database
        self._stage = stage

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""
        while not stop.is_set():
            try:
                await self.look()
            except (DatabaseBusy, DatabaseUnavailable) as failure:
                logger.warning("unattended handoffs cannot be looked for now: %s", failure.code)
            try:
                async with asyncio.timeout(ROUND_SECONDS):
                    await stop.wait()
            except TimeoutError:
                continue

    async def look(self) -> int:
        """One round; answers how many handoffs got another person."""
        async with self._database.transaction() as tx:
            moved = await reroute_unattended(tx, stage=self._stage)
            await tx.commit(None)
            return moved
