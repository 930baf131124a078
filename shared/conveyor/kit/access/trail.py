"""The trail of reads: noted in memory as the answer leaves, written in batches, never left behind by a graceful stop.

A read is refused when the trail cannot take it (the database has not taken rows for long): nobody sees a person without
a trace. A killed process loses what it noted in the last moment, half a second of reads at most.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from conveyor.kit.database import Database, is_transient
from conveyor.kit.refusals import Refusal

logger = logging.getLogger(__name__)

WAITING_MAX = 10_000
BATCH_MAX = 1_000
EVERY_SECONDS = 0.5

# The arrays of ids have different lengths, so they travel as text.
_INSERT = text(
    """
    INSERT INTO personal_data_reads (read_at, actor, role, operation, subject, subject_ids, request_id)
    SELECT read_at, actor, role, operation, subject, CAST(subject_ids AS uuid[]), request_id
    FROM unnest(
        CAST(:read_at AS timestamptz[]), CAST(:actor AS text[]), CAST(:role AS text[]), CAST(:operation AS text[]),
        CAST(:subject AS text[]), CAST(:subject_ids AS text[]), CAST(:request_id AS text[])
    ) WITH ORDINALITY AS come (read_at, actor, role, operation, subject, subject_ids, request_id, place)
    ORDER BY place
    """
)


class TrailIsFull(Refusal):
    """Reads of personal data cannot be written down right now; try again later."""

    kind = "unavailable"


@dataclass(frozen=True, slots=True)
class Read:
    """One successful read."""

    read_at: datetime
    actor: str
    role: str
    operation: str
    subject: str
    subject_ids: Sequence[UUID]
    request_id: str | None


class AccessTrail:
    """Takes notes of reads and writes them down; a worker of the service."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[Read] = deque()

    def require_room(self) -> None:
        """Raise TrailIsFull when no further read can be taken; asked before anything is read."""
        if len(self._waiting) >= WAITING_MAX:
            raise TrailIsFull

    def note(self, read: Read) -> None:
        """Take the read; it is written within a moment."""
        self._waiting.append(read)

    async def run(self, stop: asyncio.Event) -> None:
        """Write until `stop`, and then what is still waiting."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await stop.wait()
            await self._try_to_write()
        await self._try_to_write()

    async def write(self) -> None:
        """Write all that waits now. What could not be written waits on."""
        while self._waiting:
            reads = [self._waiting[place] for place in range(min(BATCH_MAX, len(self._waiting)))]
            async with self._database.transaction() as tx:
                await tx.session.execute(_INSERT, _columns(reads))
                await tx.commit()
            for _ in reads:
                self._waiting.popleft()

    async def _try_to_write(self) -> None:
        try:
            await self.write()
        except Exception as error:  # the reads wait on, and further ones are refused when they are too many
            logger.warning(
                "%d reads wait to be written: %s",
                len(self._waiting),
                type(error).__name__,
                exc_info=not is_transient(error),
            )


def _columns(reads: Sequence[Read]) -> dict[str, list[object]]:
    names = ("read_at", "actor", "role", "operation", "subject", "request_id")
    columns: dict[str, list[object]] = {name: [getattr(read, name) for read in reads] for name in names}
    columns["subject_ids"] = ["{" + ",".join(map(str, read.subject_ids)) + "}" for read in reads]
    return columns
