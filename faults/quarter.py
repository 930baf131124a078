"""Plays a department's quarter, undisturbed or with troubles around it, and takes down what came out.

The months' files and ledgers must not depend on anything that happens to processes and links, nor on the order, the
delay or the repetition of webhooks; so two plays of one story are compared byte by byte.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial

from conveyor_local.golden_quarter import Hook, Story
from conveyor_local.storyteller import Storyteller
from faults.ledgers import Said, Sums, facts_said, ledger_sums
from faults.linked_stack import LinkedStack
from faults.patient import PatientDepartment

REPETITIONS_MAX = 3
REST_SECONDS_MAX = 120.0
STEP_SECONDS_MAX = 240.0
CHUNKS = 20

Troubles = Callable[[], AbstractAsyncContextManager[None]]
"""Entered: faults happen. Left: everything runs again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The payroll file of each month, what each person's ledger says, and how often each fact was said."""

    files: dict[str, bytes]
    sums: Sums
    said: Said = field(default_factory=dict)


def is_late(hook: Hook) -> bool:
    """About one webhook of the bank in seven comes only after September was closed: months later in business time."""
    return hook.source == "bank" and sum(hook.webhook_id.encode()) % 7 == 0


def shuffled(hooks: Sequence[Hook], chance: random.Random) -> list[Hook]:
    """Every webhook once to three times, in a random order."""
    deliveries = [hook for hook in hooks for _ in range(chance.randint(1, REPETITIONS_MAX))]
    chance.shuffle(deliveries)
    return deliveries


@dataclass(slots=True)
class Play:
    """One play of a story on a running system."""

    stack: LinkedStack
    department: PatientDepartment
    story: Story
    say: Callable[[str], None] = print

    async def undisturbed(self) -> Outcome:
        """In business order, each webhook once."""
        teller = self._teller()
        await teller.open_department()
        await teller.record_steps()
        await teller.push_hooks([hook for hook in self.story.hooks if not is_late(hook)])
        return await self._close_months(teller, [hook for hook in self.story.hooks if is_late(hook)], None)

    async def disturbed(
        self, *, seed: int, seconds: float, troubles: Troubles, meanwhile: Callable[[], Awaitable[None]]
    ) -> Outcome:
        """In a random order and with repetitions, over so many seconds of trouble; `meanwhile` begins half-way."""
        chance = random.Random(f"deliveries {seed}")  # noqa: S311 - an order of deliveries, not a secret
        teller = self._teller()
        await teller.open_department()
        timely = shuffled([hook for hook in self.story.hooks if not is_late(hook)], chance)
        late = shuffled([hook for hook in self.story.hooks if is_late(hook)], chance)
        async with troubles(), asyncio.TaskGroup() as work:
            work.create_task(self._spread_hooks(teller, timely, seconds=seconds))
            work.create_task(self._spread_steps(teller, seconds=seconds))
            work.create_task(_after(seconds / 2, meanwhile))
        return await self._close_months(teller, late, troubles)

    def _teller(self) -> Storyteller:
        return Storyteller(self.department, self.story, patience_seconds=STEP_SECONDS_MAX)

    async def _spread_hooks(self, teller: Storyteller, hooks: Sequence[Hook], *, seconds: float) -> None:
        size = -(-len(hooks) // CHUNKS)
        async with asyncio.TaskGroup() as work:
            for number, start in enumerate(range(0, len(hooks), size)):
                some = hooks[start : start + size]
                work.create_task(_after(seconds * number / CHUNKS, partial(teller.push_hooks, some)))

    async def _spread_steps(self, teller: Storyteller, *, seconds: float) -> None:
        leads = list(self.story.companies)
        async with asyncio.TaskGroup() as work:
            for number, lead in enumerate(leads):
                work.create_task(_after(seconds * number / len(leads), partial(teller.record_steps, [lead])))

    async def _close_months(self, teller: Storyteller, late: Sequence[Hook], troubles: Troubles | None) -> Outcome:
        files = {}
        for number, month in enumerate(self.story.months):
            await self.department.rest(seconds_max=REST_SECONDS_MAX)
            if troubles is None:
                await self._close(teller, month, late if number == 0 else ())
            else:
                async with troubles():
                    await self._close(teller, month, late if number == 0 else ())
            await self.department.rest(seconds_max=REST_SECONDS_MAX)
            files[month] = await self.department.payroll_file(month)
            self.say(f"{month} is closed: {len(files[month].splitlines()) - 1} lines for payroll")
        await self.department.rest(seconds_max=REST_SECONDS_MAX, parked_too=True)
        return Outcome(files, await ledger_sums(self.stack, teller), await facts_said(self.stack, teller))

    async def _close(self, teller: Storyteller, month: str, late: Sequence[Hook]) -> None:
        await self.department.close_month(month)
        await self.department.freeze_batches(month)
        await teller.push_hooks(late)


async def _after(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(seconds)
    await work()
