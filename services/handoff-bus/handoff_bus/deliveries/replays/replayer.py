"""Background worker: makes replays a batch at a time, each batch and its count in one transaction.

A fact is said once per outside id and per part of a delivery, so a batch that is made twice changes nothing; after a
restart a replay goes on behind the last batch that was committed.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import select

from conveyor.kit.context import RequestContext, use_context
from conveyor.kit.database import Database, DatabaseBusy, DatabaseUnavailable, Transaction
from handoff_bus.deliveries.correct_delivery import put_back, read_again
from handoff_bus.deliveries.replays.queries import meant_by
from handoff_bus.deliveries.replays.rules import ReplayRequest, counted
from handoff_bus.deliveries.replays.tables import DeliveryReplay
from handoff_bus.deliveries.tables import Delivery
from handoff_bus.deliveries.wake import lock_correlation
from handoff_bus.sources.tables import Source

BATCH_MAX = 100
SWEEP_SECONDS = 1.0
OUTAGE_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Replayer:
    """One per process; replicas take turns under the correlation lock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, stop: asyncio.Event) -> None:
        """Until the service stops; what is left then goes on at the next start."""
        while not stop.is_set():
            pause = SWEEP_SECONDS
            try:
                if await self.replay_batch():
                    # Work that can wait: between two batches others get the lock.
                    pause = 0.01
            except (DatabaseUnavailable, DatabaseBusy) as failure:
                logger.warning("nothing is replayed now: %s", failure.code)
                pause = OUTAGE_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def replay_batch(self) -> bool:
        """The next batch of the replay that was asked for first; whether there was one."""
        try:
            return await self._batch(is_settled=True)
        except (DatabaseUnavailable, DatabaseBusy):
            raise
        except Exception:
            logger.exception("a batch of a replay cannot be settled at once; it is left to the settler")
            return await self._batch(is_settled=False)

    async def _batch(self, *, is_settled: bool) -> bool:
        async with self._database.transaction() as tx:
            await lock_correlation(tx)
            replay = await tx.session.scalar(
                select(DeliveryReplay)
                .where(DeliveryReplay.finished_at.is_(None))
                .order_by(DeliveryReplay.replay_id)
                .limit(1)
                .with_for_update()
            )
            if replay is None:
                return False
            deliveries = await _next(tx, replay)
            if deliveries:
                with use_context(RequestContext(actor=replay.asked_by)):
                    await (read_again if is_settled else put_back)(tx, deliveries)
                replay.after_id = deliveries[-1].delivery_id
                replay.outcomes = counted(replay.outcomes, [delivery.state for delivery in deliveries])
            if len(deliveries) < BATCH_MAX:
                replay.finished_at = tx.now
            await tx.commit()
            return True


async def _next(tx: Transaction, replay: DeliveryReplay) -> Sequence[Delivery]:
    statement = (
        select(Delivery)
        .join(Source, Source.source_id == Delivery.source_id)
        .where(meant_by(ReplayRequest.model_validate(replay.asked)), Delivery.delivery_id < replay.replay_id)
        .order_by(Delivery.delivery_id)
        .limit(BATCH_MAX)
        .with_for_update(of=Delivery)
    )
    if replay.after_id is not None:
        statement = statement.where(Delivery.delivery_id > replay.after_id)
    return (await tx.session.scalars(statement)).all()
