"""The worker that hands over the leads of those whose leaving day has come."""

import asyncio
from typing import Final

from conveyor.kit.database import Database
from telemarketing.leads.leavers import settle_due_owners

ROUND_SECONDS: Final = 30.0
LEADS_MAX: Final = 500


class LeaverWatch:
    """Looks every half minute for leads whose owner left meanwhile. The queue does so by itself before it gives one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""
        while not stop.is_set():
            if await self.settle() < LEADS_MAX:
                await _wait_at_most(ROUND_SECONDS, stop)

    async def settle(self) -> int:
        """One round; answers how many leads it looked at anew."""
        async with self._database.transaction() as tx:
            settled = await settle_due_owners(tx, leads_max=LEADS_MAX)
            await tx.commit(None)
            return settled


async def _wait_at_most(seconds: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
