"""Background worker: asks the APIs of sources for what deliveries speak of, and hands the answers to the settler.

While an API is down its deliveries stay `received`, with the number of attempts and the moment of the next one. Several
processes may run it: a delivery is taken for `LEASE` at a time, and an answer that comes twice changes nothing.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from conveyor.kit.context import RequestContext, use_context
from conveyor.kit.database import Database, DatabaseBusy, DatabaseUnavailable, Transaction
from conveyor.kit.refusals import Refusal
from handoff_bus.deliveries.arrivals import kept_request
from handoff_bus.deliveries.intake import Intake
from handoff_bus.deliveries.letters import AWAITS_FETCH
from handoff_bus.deliveries.tables import Delivery
from handoff_bus.fetching.client import ApiClient, Failed
from handoff_bus.fetching.rules import PATIENCE, wait_before
from handoff_bus.sources.book import OpenSource, SourceBook
from handoff_bus.sources.kinds.reading import FetchPlan
from handoff_bus.sources.tables import Source

BATCH_MAX = 16
LEASE = timedelta(minutes=2)
SWEEP_SECONDS = 1.0
OUTAGE_SECONDS = 5.0

logger = logging.getLogger(__name__)
Answers = dict[str, str | None]


class FetchBack:
    """One per process."""

    def __init__(
        self,
        database: Database,
        sources: SourceBook,
        intake: Intake,
        *,
        client: Callable[[], ApiClient],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._sources = sources
        self._intake = intake
        self._open = client
        self._client: ApiClient | None = None
        self._jitter = jitter

    async def run(self, stop: asyncio.Event) -> None:
        """Until the service stops; a call under way is made again at the next start."""
        with use_context(RequestContext(actor="service:handoff-bus")):
            async with self.at_work():
                while not stop.is_set():
                    pause = SWEEP_SECONDS
                    try:
                        if await self.fetch_batch() == BATCH_MAX:
                            continue
                    except (DatabaseUnavailable, DatabaseBusy) as failure:
                        logger.warning("nothing is fetched back now: %s", failure.code)
                        pause = OUTAGE_SECONDS
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), pause)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """With a client; `fetch_batch` needs it."""
        async with self._open() as self._client:
            yield

    async def fetch_batch(self) -> int:
        """Ask for up to `BATCH_MAX` deliveries that are due, all at once; gives how many there were."""
        async with self._database.transaction() as tx:
            taken = await _take(tx)
            await tx.commit()
        await asyncio.gather(*(self._fetch(delivery, source) for delivery, source in taken))
        return len(taken)

    async def _fetch(self, delivery: Delivery, source: str) -> None:
        try:
            answers = await self._ask(delivery, await self._sources.find(source))
        except Failed as failed:
            await self._note_failure(delivery.delivery_id, failed)
        except Refusal as refusal:
            await self._note_failure(delivery.delivery_id, Failed(refusal.code))
        except Exception as failure:
            logger.exception("delivery %s could not be fetched back", delivery.delivery_id)
            await self._note_failure(delivery.delivery_id, Failed(type(failure).__name__))
        else:
            await self._note_answers(delivery.delivery_id, answers)

    async def _ask(self, delivery: Delivery, source: OpenSource) -> Answers:
        assert self._client is not None  # noqa: S101 - whoever calls `fetch_batch` is `at_work`
        reading = source.kind.parse(kept_request(delivery, source.name), source.settings)
        return {plan.name: await self._client.call(self._proven(plan, source)) for plan in reading.fetches}

    def _proven(self, plan: FetchPlan, source: OpenSource) -> FetchPlan:
        keys = source.keys_at(self._database.clock.now())
        if source.kind.authorize is None or not keys:
            return plan
        return source.kind.authorize(plan, source.settings, keys[0])

    async def _note_answers(self, delivery_id: UUID, answers: Answers) -> None:
        async with self._database.transaction() as tx:
            delivery = await _waiting(tx, delivery_id)
            if delivery is None:
                return
            delivery.fetched = dict(answers)
            delivery.reason = delivery.detail = delivery.retry_at = None
            delivery.attempts = 0
            await tx.commit()
        self._intake.stored.set()

    async def _note_failure(self, delivery_id: UUID, failed: Failed) -> None:
        async with self._database.transaction() as tx:
            delivery = await _waiting(tx, delivery_id)
            if delivery is None:
                return
            delivery.attempts += 1
            delivery.detail = f"The source's API was asked {delivery.attempts} times: {failed.why}."
            wait = wait_before(delivery.attempts, jitter=self._jitter(), retry_after_seconds=failed.retry_after_seconds)
            delivery.retry_at = tx.now + wait
            if tx.now - delivery.received_at > PATIENCE:
                delivery.state, delivery.reason = "quarantined", "not_fetched"
                delivery.retry_at, delivery.settled_at = None, tx.now
            await tx.commit()


async def _take(tx: Transaction) -> Sequence[tuple[Delivery, str]]:
    statement = (
        select(Delivery, Source.name)
        .join(Source, Source.source_id == Delivery.source_id)
        .where(Delivery.state == "received", Delivery.reason == AWAITS_FETCH, Delivery.retry_at <= tx.now)
        .order_by(Delivery.retry_at)
        .limit(BATCH_MAX)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    rows: list[Any] = list(await tx.session.execute(statement))
    for delivery, _ in rows:
        delivery.retry_at = tx.now + LEASE
    return [(delivery, name) for delivery, name in rows]


async def _waiting(tx: Transaction, delivery_id: UUID) -> Delivery | None:
    statement = select(Delivery).where(
        Delivery.delivery_id == delivery_id, Delivery.state == "received", Delivery.reason == AWAITS_FETCH
    )
    return await tx.session.scalar(statement.with_for_update())
