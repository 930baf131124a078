"""Makes deliveries durable by group commit: many deliveries, one INSERT, one fsync, then all of them are answered.

A batch is what came in while the batch before was being written, so it grows with the load and nobody ever waits
for a batch to fill.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import orjson

from conveyor.kit.database import Database, DatabaseBusy, DatabaseUnavailable
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import Refusal

QUEUE_MAX = 5000
# Five thousand of the largest deliveries would be more than a gigabyte.
QUEUE_BYTES_MAX = 64 * 1024 * 1024
BATCH_MAX = 500
# As much as a slow disk writes in half of `WRITE_SECONDS_MAX`: a batch that takes longer is sent again by everybody.
BATCH_BYTES_MAX = 4 * 1024 * 1024
WRITE_SECONDS_MAX = 5.0
# More than a machine carries on to bonuses: a burst, which the door must take in before anything else.
CROWD = 200
CROWDED_SECONDS = 0.2
PATIENCE_SECONDS_MAX = 12.0

_INSERT = """
    INSERT INTO deliveries
        (delivery_id, source_id, dedupe_key, body, body_sha256, headers, received_at, type, state, reason)
    SELECT * FROM unnest(
        $1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::bytea[],
        $6::text[]::jsonb[], $7::timestamptz[], $8::text[], $9::text[], $10::text[])
    ON CONFLICT (source_id, dedupe_key) DO NOTHING
    RETURNING delivery_id
"""
_FIRST = """
    SELECT source_id, dedupe_key, delivery_id, body_sha256 FROM deliveries
    JOIN unnest($1::uuid[], $2::text[]) AS wanted (source_id, dedupe_key) USING (source_id, dedupe_key)
"""

logger = logging.getLogger(__name__)


class IntakeUnavailable(Refusal):
    """The delivery could not be made durable now; send it again."""

    kind = "unavailable"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery at the door; of a `duplicate` the id is the first delivery's."""

    delivery_id: UUID
    outcome: Literal["stored", "duplicate", "conflict"]


@dataclass(slots=True)
class Parcel:
    """A verified and readable delivery on its way into the database; `size` is what it takes of the queue, in bytes."""

    source_id: UUID
    dedupe_key: str
    body: bytes
    body_sha256: bytes
    headers: dict[str, str]
    received_at: datetime
    type: str
    delivery_id: UUID = field(default_factory=new_id)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = len(self.body) + sum(len(name) + len(value) for name, value in self.headers.items())


Waiting = tuple[Parcel, "asyncio.Future[Receipt]", float]
"""A parcel, who waits for its receipt, and since when on the loop's clock."""


class Intake:
    """The one writer of deliveries of this process. `stored` is set after each commit that brought new ones."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: asyncio.Queue[Waiting] = asyncio.Queue(QUEUE_MAX)
        self._queued_bytes = 0
        self.stored = asyncio.Event()
        self._lately: deque[tuple[float, int]] = deque()

    @property
    def is_crowded(self) -> bool:
        """Whether a burst comes in: `CROWD` deliveries within the last `CROWDED_SECONDS`, by however many senders."""
        oldest = asyncio.get_running_loop().time() - CROWDED_SECONDS
        return sum(number for at, number in self._lately if at >= oldest) >= CROWD

    async def take(self, parcel: Parcel) -> Receipt:
        """Answers once the delivery is durable. Raises IntakeUnavailable: the queue is full or the database down."""
        if self._queue.full() or self._queued_bytes + parcel.size > QUEUE_BYTES_MAX:
            raise IntakeUnavailable
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Receipt] = loop.create_future()
        self._queue.put_nowait((parcel, answer, loop.time()))
        self._queued_bytes += parcel.size
        # No timer per delivery: the writer answers everyone it takes out of the queue, and late ones with a refusal.
        return await answer

    async def run(self, stop: asyncio.Event) -> None:
        """Write batches until the service stops; what is queued by then is still written."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not (stop.is_set() and self._queue.empty()):
                batch = await self._next_batch(stopping)
                if batch:
                    await self._write_and_answer(batch)
        finally:
            stopping.cancel()

    async def _next_batch(self, stopping: "asyncio.Task[Any]") -> list[Waiting]:
        if self._queue.empty():
            first = asyncio.create_task(self._queue.get())
            await asyncio.wait({first, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not first.done():
                first.cancel()
                return []
            batch = [first.result()]
        else:
            batch = [self._queue.get_nowait()]
        size = batch[0][0].size
        while len(batch) < BATCH_MAX and size < BATCH_BYTES_MAX and not self._queue.empty():
            batch.append(self._queue.get_nowait())
            size += batch[-1][0].size
        self._queued_bytes -= size
        return batch

    async def _write_and_answer(self, batch: Sequence[Waiting]) -> None:
        now = asyncio.get_running_loop().time()
        oldest = now - PATIENCE_SECONDS_MAX
        while self._lately and self._lately[0][0] < now - CROWDED_SECONDS:
            self._lately.popleft()
        self._lately.append((now, len(batch)))
        _refuse(answer for _, answer, since in batch if since < oldest)
        # Whoever gave up waiting sends again: his delivery need not be written.
        waiting = [(parcel, answer) for parcel, answer, _ in batch if not answer.done()]
        if not waiting:
            return
        try:
            receipts = await self._write([parcel for parcel, _ in waiting])
        except (DatabaseUnavailable, DatabaseBusy, TimeoutError) as failure:
            logger.warning("%d deliveries could not be stored: %s", len(waiting), type(failure).__name__)
            _refuse(answer for _, answer in waiting)
            return
        except BaseException:
            _refuse(answer for _, answer in waiting)
            raise
        for (_, answer), receipt in zip(waiting, receipts, strict=True):
            if not answer.done():
                answer.set_result(receipt)
        self.stored.set()

    async def _write(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        async with asyncio.timeout(WRITE_SECONDS_MAX), self._database.raw() as driver:
            return await _store(driver, parcels)


def _refuse(answers: Iterable[asyncio.Future[Receipt]]) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_exception(IntakeUnavailable())


async def _store(driver: "asyncpg.Connection[Any]", parcels: Sequence[Parcel]) -> list[Receipt]:
    inserted = await _insert(driver, parcels, state="received", reason=None)
    if len(inserted) == len(parcels):
        return [Receipt(parcel.delivery_id, "stored") for parcel in parcels]
    repeated = [parcel for parcel in parcels if parcel.delivery_id not in inserted]
    firsts = {
        (row["source_id"], row["dedupe_key"]): (row["delivery_id"], row["body_sha256"])
        for row in await driver.fetch(
            _FIRST, [parcel.source_id for parcel in repeated], [parcel.dedupe_key for parcel in repeated]
        )
    }
    receipts, conflicting = [], []
    for parcel in parcels:
        if parcel.delivery_id in inserted:
            receipts.append(Receipt(parcel.delivery_id, "stored"))
            continue
        first_id, first_sha256 = firsts[parcel.source_id, parcel.dedupe_key]
        same = first_sha256 == parcel.body_sha256
        receipts.append(Receipt(first_id, "duplicate" if same else "conflict"))
        if not same:
            parcel.dedupe_key = f"{parcel.dedupe_key}#{parcel.body_sha256.hex()}"
            conflicting.append(parcel)
    if conflicting:
        await _insert(driver, conflicting, state="quarantined", reason="other_body")
    return receipts


async def _insert(
    driver: "asyncpg.Connection[Any]", parcels: Sequence[Parcel], *, state: str, reason: str | None
) -> set[UUID]:
    rows = await driver.fetch(
        _INSERT,
        [parcel.delivery_id for parcel in parcels],
        [parcel.source_id for parcel in parcels],
        [parcel.dedupe_key for parcel in parcels],
        [parcel.body for parcel in parcels],
        [parcel.body_sha256 for parcel in parcels],
        [orjson.dumps(parcel.headers).decode() for parcel in parcels],
        [parcel.received_at for parcel in parcels],
        [parcel.type for parcel in parcels],
        [state] * len(parcels),
        [reason] * len(parcels),
    )
    return {row["delivery_id"] for row in rows}
