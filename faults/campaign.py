"""Troubles at random, from a seed: which, on what part, when. The same seed plans the same troubles.

Two lanes run beside each other, so that troubles overlap; one part has one trouble at a time.
"""

import asyncio
import itertools
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from conveyor_local.processes import UnableToStart
from faults import troubles
from faults.late_commit import commit_late
from faults.linked_stack import LinkedStack
from faults.poison import Poison
from faults.troubles import Harm, Scene

LANES = 2
PAUSE_SECONDS = (0.5, 3.0)
READY_SECONDS_MAX = 90.0

# How often each comes, of about a hundred.
ON_SERVICES: Mapping[Harm, int] = {
    troubles.kill: 12,
    troubles.restart: 4,
    troubles.freeze: 7,
    troubles.die_at_failpoint: 10,
    troubles.end_sessions: 5,
    troubles.hold_snapshot: 3,
    troubles.cut: 9,
    troubles.reset: 5,
    troubles.stall: 9,
    troubles.slow: 4,
    troubles.rewind: 4,
    commit_late: 6,
}
ON_BROKERS: Mapping[Harm, int] = {troubles.kill: 6, troubles.restart: 2, troubles.freeze: 5}
ON_POSTGRES: Mapping[Harm, int] = {
    troubles.kill: 3,
    troubles.restart: 2,
    troubles.kill_backend: 3,
    troubles.freeze_backends: 4,
}
ON_STREAM: Mapping[Harm, int] = {troubles.poison: 5, troubles.repeat: 5}
STREAM = "stream"


@dataclass(frozen=True, slots=True)
class Planned:
    """One trouble to come."""

    harm: Harm
    part: str
    pause_seconds: float

    @property
    def name(self) -> str:
        """Such as `freeze nats`."""
        return f"{self.harm.__name__.replace('_', ' ')} {self.part}"


def plan(chance: random.Random, *, services: Sequence[str], brokers: Sequence[str]) -> Iterator[Planned]:
    """Troubles without end."""
    weighted = [
        *((harm, services, weight) for harm, weight in ON_SERVICES.items()),
        *((harm, brokers, weight) for harm, weight in ON_BROKERS.items()),
        *((harm, ("postgres",), weight) for harm, weight in ON_POSTGRES.items()),
        *((harm, (STREAM,), weight) for harm, weight in ON_STREAM.items()),
    ]
    weights = [weight for _, _, weight in weighted]
    while True:
        harm, parts, _ = chance.choices(weighted, weights)[0]
        yield Planned(harm, chance.choice(list(parts)), chance.uniform(*PAUSE_SECONDS))


@dataclass(slots=True)
class Campaign:
    """Troubles for one system. `happened` counts them by harm and kind of part."""

    stack: LinkedStack
    seed: int
    poison: Poison
    happened: Counter[str] = field(default_factory=Counter)
    say: Callable[[str], None] = print
    _lanes: list[Iterator[Planned]] = field(default_factory=list)
    _busy: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _begun: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        for lane in range(LANES):
            chance = random.Random(f"troubles {self.seed} {lane}")  # noqa: S311 - a plan, not a secret
            services, brokers = list(self.stack.service_parts), list(self.stack.nodes)
            self._lanes.append(plan(chance, services=services, brokers=brokers))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Troubles happen until this is left; then everything runs again. Goes on in the plan where it stopped."""
        over = asyncio.Event()
        lanes = [asyncio.create_task(self._lane(number, over)) for number in range(LANES)]
        try:
            yield
        finally:
            over.set()
            await asyncio.gather(*lanes)
            await self._all_ready()

    @asynccontextmanager
    async def sparing(self, part: str) -> AsyncIterator[None]:
        """No trouble begins on this part inside."""
        async with self._busy[part]:
            yield

    def note(self, what: str) -> None:
        """Something else that happened."""
        self.happened[what.partition(" with ")[0]] += 1
        self.say(f"{time.monotonic() - self._begun:7.2f} s            {what}")

    async def _lane(self, number: int, over: asyncio.Event) -> None:
        while not over.is_set():
            planned = next(self._lanes[number])
            if await _over_in(planned.pause_seconds, over):
                return
            async with self._busy[planned.part]:
                if not over.is_set():
                    await self._happen(planned, random.Random(f"{self.seed} {number} {next(self._numbers)}"))  # noqa: S311 - a length of time

    async def _happen(self, planned: Planned, chance: random.Random) -> None:
        began = time.monotonic()
        await planned.harm(Scene(self.stack, self.poison, chance), planned.part)
        self.happened[planned.harm.__name__.replace("_", " ")] += 1
        self.say(f"{began - self._begun:7.2f} s + {time.monotonic() - began:5.2f} s  {planned.name}")

    async def _all_ready(self) -> None:
        for link in self.stack.links.values():
            link.mend()
        for part in self.stack.service_parts:
            await asyncio.to_thread(self.stack.wait_part, part, seconds=READY_SECONDS_MAX)

    def require_nobody_ended(self) -> None:
        """Raise UnableToStart for a service process that ended without being told to."""
        for part in itertools.filterfalse(lambda each: not self.stack.has_ended(each), self.stack.service_parts):
            msg = f"{part} ended by itself"
            raise UnableToStart(msg)


async def _over_in(seconds: float, over: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    except TimeoutError:
        return False
    return True
