"""Background worker: settles what the door took in, right after its commit, and what was woken or left behind."""

import asyncio
import logging
import time
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from conveyor.kit.context import RequestContext, use_context
from conveyor.kit.database import Database, DatabaseBusy, DatabaseUnavailable, Transaction
from conveyor.kit.direct import Direct
from handoff_bus.deliveries.intake import Intake
from handoff_bus.deliveries.letters import AWAITS_FETCH
from handoff_bus.deliveries.settle import settle
from handoff_bus.deliveries.tables import Delivery
from handoff_bus.deliveries.wake import lock_correlation

BATCH_MAX = 200
SWEEP_SECONDS = 0.1
ATTEMPTS_MAX = 5
OUTAGE_SECONDS = 1.0
REST_WHEN_CROWDED = 15
REST_SECONDS_MAX = 0.5

_DUE = Direct(
    select(Delivery.__table__)
    .where(
        Delivery.state == "received",
        or_(Delivery.retry_at.is_(None), Delivery.retry_at <= bindparam("now")),
        # Those are the fetcher's until their source has answered.
        Delivery.reason.is_distinct_from(AWAITS_FETCH),
    )
    .order_by(Delivery.delivery_id)
    .limit(BATCH_MAX)
    .with_for_update(skip_locked=True)
)

logger = logging.getLogger(__name__)


class Settler:
    """One per process; replicas take turns under the correlation lock."""

    def __init__(self, database: Database, intake: Intake) -> None:
        self._database = database
        self._intake = intake

    async def run(self, stop: asyncio.Event) -> None:
        """Until the service stops; what is left then is settled at the next start."""
        with use_context(RequestContext(actor="service:handoff-bus")):
            while not stop.is_set():
                self._intake.stored.clear()
                started = time.monotonic()
                try:
                    settled = await self.settle_batch()
                except (DatabaseUnavailable, DatabaseBusy) as failure:
                    logger.warning("deliveries are not settled now: %s", failure.code)
                    await _wait(stop, seconds=OUTAGE_SECONDS)
                    continue
                if self._intake.is_crowded:
                    # Both share one processor: a sender who waits goes before work that can wait.
                    rest = (time.monotonic() - started) * REST_WHEN_CROWDED
                    await _wait(stop, seconds=min(rest, REST_SECONDS_MAX))
                elif settled < BATCH_MAX:
                    await _wait(self._intake.stored, seconds=SWEEP_SECONDS)

    async def settle_batch(self) -> int:
        """Settle up to `BATCH_MAX` received deliveries, oldest first; gives how many there were."""
        ids: list[UUID] = []
        try:
            async with self._database.transaction() as tx:
                await lock_correlation(tx)
                deliveries = await _due(tx)
                ids = [delivery.delivery_id for delivery in deliveries]
                if ids:
                    await settle(tx, deliveries)
                    await tx.commit()
        except (DatabaseUnavailable, DatabaseBusy):
            raise
        except Exception as failure:
            if not ids:
                raise
            logger.warning("a batch of %d deliveries is settled one by one: %s", len(ids), type(failure).__name__)
            for delivery_id in ids:
                await self._settle_alone(delivery_id)
        return len(ids)

    async def _settle_alone(self, delivery_id: UUID) -> None:
        """A delivery that cannot be settled holds up nobody: it is tried again later, in the end quarantined."""
        try:
            async with self._database.transaction() as tx:
                await lock_correlation(tx)
                delivery = await _one(tx, delivery_id)
                if delivery is not None:
                    await settle(tx, [delivery])
                    await tx.commit()
        except (DatabaseUnavailable, DatabaseBusy):
            raise
        except Exception as failure:
            logger.exception("delivery %s could not be settled", delivery_id)
            await self._note_failure(delivery_id, failure)

    async def _note_failure(self, delivery_id: UUID, failure: Exception) -> None:
        async with self._database.transaction() as tx:
            await lock_correlation(tx)
            delivery = await _one(tx, delivery_id)
            if delivery is None:
                return
            delivery.attempts += 1
            delivery.reason, delivery.detail = "failed", type(failure).__name__
            if delivery.attempts < ATTEMPTS_MAX:
                delivery.retry_at = tx.now + timedelta(seconds=2**delivery.attempts)
            else:
                delivery.state, delivery.settled_at = "quarantined", tx.now
            await tx.commit()


async def _due(tx: Transaction) -> list[Delivery]:
    """They do not belong to the session: `settle` writes them itself."""
    return [Delivery(**row._asdict()) for row in await _DUE.rows(tx.session, now=tx.now)]


async def _one(tx: Transaction, delivery_id: UUID) -> Delivery | None:
    statement = select(Delivery).where(Delivery.delivery_id == delivery_id, Delivery.state == "received")
    return await tx.session.scalar(statement.with_for_update())


async def _wait(event: asyncio.Event, *, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
