"""The worker that looks after deadlines."""

import asyncio
import logging
from typing import Final

from conveyor.kit.database import Database, DatabaseBusy, DatabaseUnavailable
from handoff_bus.deadlines.say_due import AT_ONCE, say_due

ROUND_SECONDS: Final = 15.0

logger = logging.getLogger(__name__)


class DeadlineWatch:
    """Looks every quarter of a minute for what is due; any number of replicas may run one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""
        while not stop.is_set():
            if await self._look() >= AT_ONCE:
                continue
            try:
                async with asyncio.timeout(ROUND_SECONDS):
                    await stop.wait()
            except TimeoutError:
                continue

    async def _look(self) -> int:
        try:
            return await say_due(self._database)
        except (DatabaseUnavailable, DatabaseBusy) as failure:
            logger.warning("deadlines cannot be looked after now: %s", failure.code)
            return 0
