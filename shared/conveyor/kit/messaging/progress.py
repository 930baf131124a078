"""How far a service is: what it has not published, not handled, set aside."""

import asyncio
import contextlib
import time

import nats.errors
from nats.js.api import ConsumerInfo
from sqlalchemy import text

from conveyor.kit import metrics
from conveyor.kit.database import Database
from conveyor.kit.messaging.connection import Connection
from conveyor.kit.messaging.regression import STREAM

UNKNOWN = -1
ASK_SECONDS = 1.0
POLL_SECONDS = 0.03

_COUNTS = text(
    """
    SELECT (SELECT count(*) FROM outbox) AS outbox,
           (SELECT count(*) FROM parked_facts WHERE due_at IS NULL) AS parked,
           (SELECT count(*) FROM parked_facts WHERE due_at IS NOT NULL) AS due,
           (SELECT count(*) FROM dead_letters WHERE settled IS NULL) AS dead,
           (SELECT count(*) FROM outbox_dead WHERE discarded_at IS NULL) AS unpublishable
    """
)


class Progress:
    """Reads the own database and the broker."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection

    async def lag(self) -> dict[str, int]:
        """See Consumer.lag."""
        async with self._database.reading() as session:
            counts = (await session.execute(_COUNTS)).one()
        info = await self._consumer_info()
        pending = UNKNOWN if info is None else _pending(info) + counts.due
        service = self._database.service
        metrics.OUTBOX_PENDING.labels(service).set(counts.outbox)
        metrics.PARKED.labels(service).set(counts.parked + counts.due)
        metrics.DEAD_LETTERS.labels(service).set(counts.dead)
        metrics.UNPUBLISHABLE.labels(service).set(counts.unpublishable)
        metrics.CONSUMER_PENDING.labels(service).set(pending)
        return {"outbox": counts.outbox, "consumer": pending, "parked": counts.parked}

    async def caught_up(self, *, seconds_max: float) -> bool:
        """See Consumer.caught_up."""
        deadline = time.monotonic() + seconds_max
        target: int | None = None
        while True:
            async with self._database.reading() as session:
                counts = (await session.execute(_COUNTS)).one()
            if target is None and counts.outbox == 0:
                target = await self._last_seq()
            if target is not None and counts.due == 0 and await self._has_handled(target):
                return True
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)

    async def handled_up_to(self) -> int | None:
        """See Consumer.handled_up_to."""
        info = await self._consumer_info()
        return info.ack_floor.stream_seq if info is not None and info.ack_floor is not None else None

    async def _has_handled(self, target: int) -> bool:
        info = await self._consumer_info()
        if info is None:
            return False
        floor = info.ack_floor.stream_seq if info.ack_floor is not None else 0
        if floor >= target or _pending(info) == 0:
            # A fact parked by the last batch is due until it was tried again.
            async with self._database.reading() as session:
                return int((await session.execute(_COUNTS)).one().due) == 0
        return False

    async def _last_seq(self) -> int | None:
        client = self._connection.client
        if client is not None:
            with contextlib.suppress(nats.errors.Error, TimeoutError, OSError):
                return (await client.jetstream(timeout=ASK_SECONDS).stream_info(STREAM)).state.last_seq
        return None

    async def _consumer_info(self) -> ConsumerInfo | None:
        client = self._connection.client
        if client is not None:
            with contextlib.suppress(nats.errors.Error, TimeoutError, OSError):
                info: ConsumerInfo = await client.jetstream(timeout=ASK_SECONDS).consumer_info(
                    STREAM, self._database.service
                )
                return info
        return None


def _pending(info: ConsumerInfo) -> int:
    return (info.num_pending or 0) + (info.num_ack_pending or 0)
