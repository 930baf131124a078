"""Raw requests are kept for so many days: what came over the wire holds names, phones and voices."""

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta

from sqlalchemy import text

from conveyor.kit.database import Database, is_transient

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
BATCH = 500

# Ids begin with the time of receipt. What is not settled keeps its request: money may wait for it.
_REMOVE = text(
    """
    UPDATE deliveries SET body = ''::bytea, headers = '{}', fetched = NULL, names = '{}', detail = NULL,
        raw_removed_at = :now
    WHERE delivery_id IN (
        SELECT delivery_id FROM deliveries
        WHERE raw_removed_at IS NULL AND delivery_id < first_event_id_of(:before)
            AND state IN ('published', 'rejected', 'quarantined')
        ORDER BY delivery_id LIMIT :batch
        FOR UPDATE SKIP LOCKED
    )
    """
)


async def remove_raw(database: Database, *, before: datetime) -> int:
    """Forget headers, bodies and fetched answers of settled deliveries that came before; says of how many.

    The key, the hash of the body and the facts that it became stay, so that a repetition is known for ever.
    """
    removed = 0
    while True:
        async with database.transaction() as tx:
            done = await tx.session.execute(_REMOVE, {"now": tx.now, "before": before, "batch": BATCH})
            await tx.commit()
        rows = int(done.rowcount)  # type: ignore[attr-defined] # an UPDATE gives a cursor result
        removed += rows
        if rows < BATCH:
            return removed


class RawRetention:
    """A worker that runs at the start and every hour; several replicas may run it."""

    def __init__(self, database: Database, *, days: int) -> None:
        self._database = database
        self._kept = timedelta(days=days)

    async def run(self, stop: asyncio.Event) -> None:
        """Remove what was kept long enough until `stop`."""
        while not stop.is_set():
            try:
                removed = await remove_raw(self._database, before=self._database.clock.now() - self._kept)
                if removed:
                    logger.info("raw requests of %d deliveries were kept long enough", removed)
            except Exception as error:  # it is tried again, and nothing depends on it today
                logger.warning("retention waits: %s", type(error).__name__, exc_info=not is_transient(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await stop.wait()
