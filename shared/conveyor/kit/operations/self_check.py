"""The worker of the self-check: lists what this service said about once an hour, compares what others listed."""

import asyncio
import contextlib
import logging

from conveyor.kit import metrics
from conveyor.kit.database import Database, is_transient
from conveyor.kit.messaging.consumer import Consumer
from conveyor.kit.operations.compare_intake import compare_intake
from conveyor.kit.operations.list_publications import list_publications

logger = logging.getLogger(__name__)

EVERY_SECONDS = 30.0


class SelfCheck:
    """Several processes of a service may run it."""

    def __init__(self, database: Database, consumer: Consumer) -> None:
        self._database = database
        self._consumer = consumer

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`."""
        while not stop.is_set():
            try:
                await self.once()
            except Exception as error:  # it is tried again; nothing waits for it
                logger.warning("the self-check waits: %s", type(error).__name__, exc_info=not is_transient(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await stop.wait()

    async def once(self) -> None:
        """List what is due, a stretch at a time, and compare what came."""
        while await list_publications(self._database, is_routine=True) is not None:
            pass
        await self.compare()

    async def compare(self) -> None:
        """Compare the lists that have come, as far as everything before them is handled."""
        handled_up_to = await self._consumer.handled_up_to()
        if handled_up_to is not None:
            missing = await compare_intake(self._database, handled_up_to=handled_up_to)
            metrics.MISSING.labels(self._database.service).set(missing)
            if missing:
                logger.error("%d facts of other services never came here; see /v1/messages/gaps", missing)
