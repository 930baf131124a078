"""The worker that finishes erasures: nothing that began before may bring anything back, then it looks once more.

A transaction that began before the erasure was committed may still write what it read then. So the worker waits until
all of those have ended and until everything that the stream held by now was handled, erases what they brought, and says
`erasure_carried_out`. A crash anywhere only makes it wait again.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import select, text

from conveyor.contracts.erasure import ErasedRows, ErasureCarriedOut
from conveyor.erasing.erase_here import erase_here
from conveyor.erasing.steps import Steps
from conveyor.erasing.subjects import Subject, SubjectKind
from conveyor.erasing.tables import ErasureHere
from conveyor.kit.database import Database, is_transient
from conveyor.kit.messaging.consumer import Consumer

logger = logging.getLogger(__name__)

ROUND_SECONDS = 0.5
CATCHING_UP_SECONDS = 5.0

_NOW = text("SELECT clock_timestamp()")
# Sessions of this service's own role; another role cannot write here.
_OLDER = text(
    """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start <= :fence
    )
    """
)


class Eraser:
    """Any number of replicas may run one."""

    def __init__(self, database: Database, *, consumer: Consumer, steps: Steps) -> None:
        self._database = database
        self._consumer = consumer
        self._steps = steps
        self._fences: dict[UUID, datetime] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Finish erasures until `stop`."""
        while not stop.is_set():
            try:
                await self.once()
            except Exception as error:  # it stays open and is looked at again
                logger.warning("an erasure waits: %s", type(error).__name__, exc_info=not is_transient(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ROUND_SECONDS):
                    await stop.wait()

    async def once(self) -> int:
        """Finish what can be finished now; says how many erasures were."""
        open_ids = await self._open()
        self._fences = {each: fence for each, fence in self._fences.items() if each in open_ids}
        ready = [each for each in open_ids if not await self._is_early(each)]
        if not ready or not await self._consumer.caught_up(seconds_max=CATCHING_UP_SECONDS):
            return 0
        return sum([await self._finish(each) for each in ready])

    async def _open(self) -> Sequence[UUID]:
        statement = select(ErasureHere.erasure_id).where(ErasureHere.carried_out_at.is_(None))
        async with self._database.reading() as session:
            return (await session.scalars(statement.order_by(ErasureHere.erased_at))).all()

    async def _is_early(self, erasure_id: UUID) -> bool:
        async with self._database.reading() as session:
            if erasure_id not in self._fences:
                self._fences[erasure_id] = (await session.execute(_NOW)).scalar_one()
            return bool((await session.execute(_OLDER, {"fence": self._fences[erasure_id]})).scalar_one())

    async def _finish(self, erasure_id: UUID) -> bool:
        async with self._database.transaction() as tx:
            here = await tx.session.scalar(
                select(ErasureHere)
                .where(ErasureHere.erasure_id == erasure_id, ErasureHere.carried_out_at.is_(None))
                .with_for_update(skip_locked=True)
            )
            if here is None:
                return False
            subject = Subject(cast("SubjectKind", here.kind), here.subject_id, here.lead_id)
            late = await erase_here(tx, subject, self._steps)
            here.erased = dict(Counter[str](here.erased) + Counter(late))
            here.carried_out_at = tx.now
            await tx.session.flush()
            tx.say(carried_out(here))
            await tx.commit()
        logger.info("erasure %s is carried out", erasure_id)
        return True


def carried_out(here: ErasureHere, *, is_repeated: bool = False) -> ErasureCarriedOut:
    """The word of this service about an erasure that it has carried out."""
    rows = tuple(ErasedRows(what=what, rows=count) for what, count in sorted(here.erased.items()))
    return ErasureCarriedOut(erasure_id=here.erasure_id, erased=rows, is_repeated=is_repeated)
