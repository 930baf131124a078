"""What waits to be told outside: dispatches to subscriptions, write-backs into CRMs. Shown, and kept as gauges."""

import asyncio
import contextlib
import logging
from datetime import datetime

from prometheus_client import Gauge
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.database import Database, is_transient
from conveyor.kit.http.models import AnswerModel

logger = logging.getLogger(__name__)

LOOK_SECONDS = 10.0

PENDING = Gauge("conveyor_outbound_pending", "What is to be told outside and is not yet, by way.", ["way"])
OLDEST_SECONDS = Gauge("conveyor_outbound_oldest_seconds", "Age of what waits longest to be told outside.", ["way"])
HELD = Gauge("conveyor_outbound_held", "Dispatches that wait for their subscription to be enabled again.")

_WAITING = text(
    """
    SELECT (SELECT count(*) FROM dispatches WHERE state = 'pending') AS dispatches,
        (SELECT min(created_at) FROM dispatches WHERE state = 'pending') AS dispatches_oldest_at,
        (SELECT count(*) FROM dispatches WHERE state = 'held') AS held,
        (SELECT min(created_at) FROM dispatches WHERE state = 'held') AS held_oldest_at,
        (SELECT count(*) FROM write_backs WHERE state = 'due') AS write_backs,
        (SELECT min(failing_since) FROM write_backs WHERE state = 'due') AS write_backs_failing_since
    """
)


class OutboundBacklog(AnswerModel):
    """What is not told yet. `dispatches` are tried or to be tried; `held` ones wait for a disabled subscription.

    Of write-backs the time tells since when the CRM has refused or not answered; null while none fails.
    """

    dispatches: int
    dispatches_oldest_at: datetime | None
    held: int
    held_oldest_at: datetime | None
    write_backs: int
    write_backs_failing_since: datetime | None


async def read_outbound(session: AsyncSession) -> OutboundBacklog:
    """What waits now."""
    return OutboundBacklog.model_validate((await session.execute(_WAITING)).one())


class OutboundGauges:
    """A worker that keeps the gauges fresh; each process for itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, stop: asyncio.Event) -> None:
        """Look every ten seconds until `stop`."""
        while not stop.is_set():
            try:
                await self.look()
            except Exception as error:  # the gauges keep their last figures
                logger.warning("gauges wait: %s", type(error).__name__, exc_info=not is_transient(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await stop.wait()

    async def look(self) -> None:
        """Set the gauges to what waits now."""
        now = self._database.clock.now()
        async with self._database.reading() as session:
            waiting = await read_outbound(session)
        PENDING.labels("dispatch").set(waiting.dispatches)
        PENDING.labels("write_back").set(waiting.write_backs)
        HELD.set(waiting.held)
        for way, since in (
            ("dispatch", waiting.dispatches_oldest_at),
            ("write_back", waiting.write_backs_failing_since),
        ):
            OLDEST_SECONDS.labels(way).set((now - since).total_seconds() if since else 0)
