"""A service says what waits in it, so that the bus can show all services without asking any."""

import asyncio
import contextlib
import logging
import time
from datetime import timedelta

from sqlalchemy import text

from conveyor.contracts.messages import BacklogReported, ParkedFor
from conveyor.kit import metrics
from conveyor.kit.database import Database, is_transient
from conveyor.kit.messaging.consumer import Consumer

logger = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
CHANGED_SECONDS = 300.0
UNCHANGED_SECONDS = 3600.0
MANY_MESSAGES = 100
LATE = timedelta(seconds=30)

_COUNTS = text(
    """
    SELECT (SELECT count(*) FROM outbox WHERE created_at < :late) AS outbox,
        (SELECT min(created_at) FROM outbox WHERE created_at < :late) AS outbox_oldest_at,
        (SELECT count(*) FROM outbox_dead WHERE discarded_at IS NULL) AS unpublishable,
        (SELECT count(*) FROM dead_letters WHERE settled IS NULL) AS dead_letters,
        (SELECT count(*) FROM quarantined_messages WHERE settled IS NULL) AS quarantined,
        (SELECT coalesce(sum(missing), 0) FROM intake_checks WHERE accepted_at IS NULL) AS missing
    """
)
_PARKED = text(
    "SELECT thing, count(*) AS facts, min(parked_at) AS oldest_at FROM parked_facts GROUP BY thing ORDER BY thing"
)


class BacklogReporter:
    """A worker; each process of a service says for itself."""

    def __init__(self, database: Database, consumer: Consumer) -> None:
        self._database = database
        self._consumer = consumer
        self._said: BacklogReported | None = None
        self._said_at = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Look every minute until `stop`."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await stop.wait()
                    return
            try:
                await self.once()
            except Exception as error:  # it is tried again; nothing waits for it
                logger.warning(
                    "the backlog is not reported: %s", type(error).__name__, exc_info=not is_transient(error)
                )

    async def once(self) -> bool:
        """Say what waits if it is time to; says whether it was."""
        backlog = await self.look()
        since = time.monotonic() - self._said_at
        changed = self._said is None or _shape(backlog) != _shape(self._said)
        if since < (CHANGED_SECONDS if changed else UNCHANGED_SECONDS) and not (self._said is None and _any(backlog)):
            return False
        async with self._database.transaction() as tx:
            tx.say(backlog)
            await tx.commit()
        self._said, self._said_at = backlog, time.monotonic()
        return True

    async def look(self) -> BacklogReported:
        """What waits now; also sets the gauge of the oldest parked fact."""
        consumer = (await self._consumer.lag())["consumer"]
        now = self._database.clock.now()
        async with self._database.reading() as session:
            counts = (await session.execute(_COUNTS, {"late": now - LATE})).mappings().one()
            rows = (await session.execute(_PARKED)).all()
        oldest = min((row.oldest_at for row in rows), default=now)
        metrics.PARKED_OLDEST_SECONDS.labels(self._database.service).set((now - oldest).total_seconds())
        parked = tuple(ParkedFor(thing=row.thing, facts=row.facts, oldest_at=row.oldest_at) for row in rows)
        return BacklogReported(**counts, consumer=consumer if consumer >= 0 else None, parked=parked)


def _shape(backlog: BacklogReported) -> dict[str, object]:
    # What passes by itself within a minute is no news.
    many = backlog.consumer is None or backlog.consumer >= MANY_MESSAGES
    return {**backlog.model_dump(exclude={"consumer", "outbox_oldest_at"}), "consumer": many}


def _any(backlog: BacklogReported) -> bool:
    return any(_shape(backlog).values())
