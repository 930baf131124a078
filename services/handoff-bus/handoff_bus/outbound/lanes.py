"""Work for many receivers side by side: each has a lane of its own with few places; a slow one delays nobody else."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from conveyor.kit.database import DatabaseBusy, DatabaseUnavailable

PLACES = 2
"""How many calls to one receiver are under way at once."""
SWEEP_SECONDS = 1.0
OUTAGE_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Job(Protocol):
    """One call to make."""

    @property
    def lane(self) -> UUID:
        """The receiver."""
        ...


J = TypeVar("J", bound=Job)
Take = Callable[[Mapping[UUID, int]], Awaitable[Sequence[J]]]
"""Takes jobs that are due, given how many places of each lane are taken; never more than the rest of `PLACES`."""


class Lanes(Generic[J]):
    """Takes jobs and does each in a task. What is taken but not done comes again when its lease ends."""

    def __init__(self, *, take: Take[J], do: Callable[[J], Awaitable[None]], wake: asyncio.Event) -> None:
        self._take = take
        self._do = do
        self._wake = wake
        self._busy: Counter[UUID] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; calls under way are cut off then and made again later."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                pause = SWEEP_SECONDS
                try:
                    if await self.start_due():
                        continue
                except (DatabaseUnavailable, DatabaseBusy) as failure:
                    logger.warning("nothing is sent now: %s", failure.code)
                    pause = OUTAGE_SECONDS
                await self._pause(stopping, seconds=pause)
        finally:
            stopping.cancel()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def start_due(self) -> int:
        """Start what is due and has a place; gives how many that were."""
        jobs = await self._take(dict(self._busy))
        for job in jobs:
            self._busy[job.lane] += 1
            task = asyncio.create_task(self._run(job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(jobs)

    async def drain(self) -> None:
        """Wait for what was started."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _run(self, job: J) -> None:
        try:
            await self._do(job)
        except (DatabaseUnavailable, DatabaseBusy) as failure:
            logger.warning("what became of a call could not be kept, it is made again: %s", failure.code)
        except Exception:
            logger.exception("a call failed in an unexpected way and is made again")
        finally:
            self._busy[job.lane] -= 1
            if not self._busy[job.lane]:
                del self._busy[job.lane]
            self._wake.set()

    async def _pause(self, stopping: "asyncio.Task[bool]", *, seconds: float) -> None:
        waking = asyncio.create_task(self._wake.wait())
        await asyncio.wait({stopping, waking}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()
