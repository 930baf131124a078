"""Care for the kit's tables: partitions made ahead, old idempotency keys and failures that are over forgotten."""

import asyncio
import contextlib
import logging

from sqlalchemy import text

from conveyor.kit.database import Database, is_transient
from conveyor.kit.idempotency import forget_expired
from conveyor.kit.messaging.inbox import forget_failures_over

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
AFTER_TROUBLE_SECONDS = 30.0
MONTHS_AHEAD = 4

_PARTITIONS = text("SELECT make_partitions_ahead(now(), :months)")


class Upkeep:
    """A worker that runs at the start and every hour; several replicas may run it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`."""
        while not stop.is_set():
            pause = EVERY_SECONDS
            try:
                await self.once()
            except Exception as error:  # it is tried again, and nothing depends on it today
                logger.warning("upkeep waits: %s", type(error).__name__, exc_info=not is_transient(error))
                pause = AFTER_TROUBLE_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await stop.wait()

    async def once(self) -> None:
        """Do all of it now."""
        async with self._database.transaction() as tx:
            await tx.session.execute(_PARTITIONS, {"months": MONTHS_AHEAD})
            await tx.commit()
        async with self._database.transaction() as tx:
            await forget_expired(tx.session, now=tx.now)
            await forget_failures_over(tx)
            await tx.commit()
