"""The way in: pulls the whole stream for one service and acknowledges after the commit of its effects."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from conveyor.kit import failpoints, metrics
from conveyor.kit.database import Database, is_transient
from conveyor.kit.messaging.connection import Connection
from conveyor.kit.messaging.events import Listeners
from conveyor.kit.messaging.handling import Handling, RetryPolicy
from conveyor.kit.messaging.incoming import Incoming, Message, NotAFact, read_message
from conveyor.kit.messaging.progress import Progress
from conveyor.kit.messaging.pulling import Pull
from conveyor.kit.messaging.waiting_room import WaitingRoom

logger = logging.getLogger(__name__)

BATCH_MAX = 200
IDLE_SECONDS = 1.0
TROUBLE_SECONDS_MAX = 5.0
IN_PROGRESS_SECONDS = 2.0
# Longer than the longest wait of a statement (for the journal while a month closes): only a database that does not
# answer at all takes so long, and then another process may still reach it.
HANDLING_SECONDS_MAX = 180.0


class Consumer:
    """Handles every fact of the stream that `listeners` hear, this service's own included.

    One transaction per batch: inbox rows, effects, outbox rows. Several processes of a service may run it.
    """

    def __init__(
        self, database: Database, listeners: Listeners, connection: Connection, *, retries: RetryPolicy | None = None
    ) -> None:
        self._database = database
        self._listeners = listeners
        self._connection = connection
        self._service = database.service
        retries = retries or RetryPolicy()
        self._handling = Handling(database, retries)
        self._waiting_room = WaitingRoom(database, listeners, retries)
        self._progress = Progress(database, connection)
        self._troubles = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Pull and handle until `stop`; what is in hand is finished, what is not is given back."""
        self._connection.start()
        waiting_room = asyncio.create_task(self._waiting_room.run(stop), name="waiting-room")
        try:
            while not stop.is_set():
                client = await self._connection.ready(seconds_max=IDLE_SECONDS)
                if client is not None:
                    await self._on_link(client, stop)
        finally:
            if not stop.is_set():
                # Fallen: whoever watches over this starts both again, so the waiting room must not hold the end up.
                waiting_room.cancel()
            self._database.released.set()
            await asyncio.gather(waiting_room, return_exceptions=True)

    async def caught_up(self, *, seconds_max: float) -> bool:
        """Whether, in time, the own outbox became empty and everything in the stream by then was handled here."""
        return await self._progress.caught_up(seconds_max=seconds_max)

    async def handled_up_to(self) -> int | None:
        """Up to which place of the stream everything is handled, parked or given up; None when the broker is away."""
        return await self._progress.handled_up_to()

    async def lag(self) -> dict[str, int]:
        """How many facts are not yet published (`outbox`), not yet handled (`consumer`), waiting (`parked`).

        `consumer` is -1 when the broker does not say. Parked facts that are due to be tried again count as not handled.
        """
        return await self._progress.lag()

    async def _on_link(self, client: Client, stop: asyncio.Event) -> None:
        epoch = self._connection.epoch
        pull = Pull(client, consumer=self._service, batch=BATCH_MAX)
        stopped = asyncio.create_task(stop.wait())
        try:
            await pull.open()
            while not stop.is_set() and self._connection.epoch == epoch and client.is_connected:
                pulling = asyncio.create_task(pull.next_batch(seconds_max=IDLE_SECONDS))
                await asyncio.wait([pulling, stopped], return_when=asyncio.FIRST_COMPLETED)
                if not pulling.done():
                    pulling.cancel()
                    await asyncio.gather(pulling, return_exceptions=True)
                    break
                await self._handle(pulling.result())
        except (nats.errors.Error, OSError) as error:
            logger.warning("pulling was interrupted: %s", type(error).__name__)
            await asyncio.sleep(0.2)
        finally:
            stopped.cancel()
            await pull.close()

    async def _handle(self, messages: Sequence[Msg]) -> None:
        if not messages:
            return
        settled = asyncio.Event()
        keeper = asyncio.create_task(_keep_in_hand(messages, settled))
        try:
            with metrics.CONSUMER_BATCH_SECONDS.labels(self._service).time():
                async with asyncio.timeout(HANDLING_SECONDS_MAX):
                    await self._take(messages)
            self._troubles = 0
        except Exception as error:  # whatever it is, the messages come again
            self._troubles += 1
            logger.warning("a batch waits: %s", type(error).__name__, exc_info=not is_transient(error))
            delay = min(TROUBLE_SECONDS_MAX, 0.2 * float(2 ** min(self._troubles, 6)))
            # Claimed after it was given back, it would come a whole wait for an acknowledgement later.
            settled.set()
            keeper.cancel()
            await _settle(messages, dict.fromkeys(range(len(messages)), delay))
            await asyncio.sleep(delay)
        finally:
            settled.set()
            keeper.cancel()

    async def _take(self, messages: Sequence[Msg]) -> None:
        items: list[Incoming] = []
        refused: list[tuple[Message, str]] = []
        places: dict[int, Incoming] = {}
        for place, each in enumerate(messages):
            message = Message(subject=each.subject, body=each.data, stream_seq=each.metadata.sequence.stream)
            try:
                item = read_message(message, listeners=self._listeners, service=self._service)
            except NotAFact as wrong:
                refused.append((message, str(wrong)))
                continue
            if item is not None:
                items.append(item)
                places[place] = item
        outcome = await self._handling.take(items, refused)
        failpoints.passing("consumer.before_ack")
        delays = {
            place: outcome.retry_seconds[item.event_id]
            for place, item in places.items()
            if item.event_id in outcome.retry_seconds
        }
        await _settle(messages, delays)


async def _settle(messages: Sequence[Msg], delays: dict[int, float]) -> None:
    # An acknowledgement that does not arrive costs a repetition, which the inbox absorbs.
    with contextlib.suppress(nats.errors.Error, OSError):
        for place, message in enumerate(messages):
            if place in delays:
                await message.nak(delay=delays[place])
            else:
                await message.ack()


async def _keep_in_hand(messages: Sequence[Msg], settled: asyncio.Event) -> None:
    # nats-py swallows a cancellation while it publishes; what was given back must not be claimed for ever.
    while not settled.is_set():
        await asyncio.sleep(IN_PROGRESS_SECONDS)
        with contextlib.suppress(nats.errors.Error, OSError):
            for message in messages:
                await message.in_progress()
