"""A stage's books on a real database, fed as its consumer feeds them: checked, through the inbox, batch by batch."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.facts.listeners import listen
from conveyor.bonuses.ledger.post_differences import post_differences
from conveyor.kit.clock import FrozenClock
from conveyor.kit.database import Database
from conveyor.kit.messaging.consumer import BATCH_MAX
from conveyor.kit.messaging.events import Listeners
from conveyor.kit.messaging.handling import Handling, RetryPolicy
from conveyor.kit.messaging.incoming import Incoming, Message, read_message
from conveyor.roster.listeners import listen as listen_to_the_roster
from conveyor_local.stack import LocalStack

SERVICE_OF_ROLE: dict[BonusRole, str] = {"sdr": "telemarketing", "ae": "closing", "am": "account"}


class Books:
    """One role's books."""

    def __init__(self, database: Database, role: BonusRole) -> None:
        self.database = database
        self.desk = Desk(role=role, database=database)
        self._listeners = Listeners()
        listen_to_the_roster(self._listeners)
        listen(self._listeners, post_differences=partial(post_differences, role=role))
        self._handling = Handling(database, RetryPolicy())

    async def hear(self, messages: Iterable[Message], *, at_once: int = BATCH_MAX) -> None:
        """Handle the messages in batches of one transaction each."""
        remaining = iter(messages)
        while batch := list(itertools.islice(remaining, at_once)):
            await self._handling.take(self.read(batch), [])

    def read(self, messages: Iterable[Message]) -> list[Incoming]:
        """The messages as checked events."""
        read = (read_message(each, listeners=self._listeners, service=self.database.service) for each in messages)
        return [item for item in read if item is not None]


@contextmanager
def own_folder() -> Iterator[Path]:
    """A directory that also the unprivileged account of the servers can enter; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="conveyor-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@asynccontextmanager
async def books_of(role: BonusRole, *, today: datetime | None = None) -> AsyncIterator[Books]:
    """New books of a role on servers of their own, which end with it."""
    with own_folder() as folder:
        stack = LocalStack.throwaway(folder / "system")
        await asyncio.to_thread(stack.prepare)
        service = SERVICE_OF_ROLE[role]
        clock = FrozenClock(today or datetime(2026, 1, 10, 9, tzinfo=UTC))
        database = Database(stack.database_urls(service).app, service=service, clock=clock)
        try:
            yield Books(database, role)
        finally:
            await database.close()
            await asyncio.to_thread(stack.stop)
