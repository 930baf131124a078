"""Pulling messages of a durable consumer with requests of our own.

`fetch` of nats-py waits for a full batch until its timeout once the first message is there, which would add that
timeout to every quiet moment. Here a pull stays open and whatever has come is taken at once.
"""

import asyncio
import contextlib
import json
import time

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from conveyor.kit.messaging.regression import STREAM

EXPIRES_SECONDS = 5.0
TROUBLE_SECONDS = 0.5


class Pull:
    """One link's pulling. `credit` is what the broker may still send; so much is held here at most."""

    def __init__(self, client: Client, *, consumer: str, batch: int) -> None:
        self._client = client
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{consumer}"
        self._inbox = client.new_inbox()
        self._batch = batch
        self._come: asyncio.Queue[Msg] = asyncio.Queue(maxsize=4 * batch)
        self._credit = 0
        self._asked_until = 0.0
        self._subscription: Subscription | None = None

    async def open(self) -> None:
        """Begin to listen."""
        self._subscription = await self._client.subscribe(self._inbox, cb=self._come.put)

    async def next_batch(self, *, seconds_max: float) -> list[Msg]:
        """What has come, at least one message if one comes in time. Raises nats.errors.Error when the link is gone."""
        await self._ask()
        taken: list[Msg] = []
        deadline = time.monotonic() + seconds_max
        while not taken and (message := await self._next(deadline)) is not None:
            await self._sort(message, taken)
        while len(taken) < self._batch and not self._come.empty():
            await self._sort(self._come.get_nowait(), taken)
        return taken

    async def close(self) -> None:
        """Stop listening and give back what was not taken, so that it does not wait for its deadline."""
        # A link that is going takes neither; a broker that hangs answers no flush. What was not taken comes again.
        with contextlib.suppress(nats.errors.Error, OSError):
            if self._subscription is not None:
                await self._subscription.unsubscribe()
            while not self._come.empty():
                message = self._come.get_nowait()
                if _status(message) is None:
                    await message.nak()
            async with asyncio.timeout(1):
                await self._client.flush()

    async def _next(self, deadline: float) -> Msg | None:
        # Only this wait may be cut off: nats-py swallows a cancellation while it publishes, and none follows it.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline - time.monotonic()):
                return await self._come.get()
        return None

    async def _ask(self) -> None:
        if time.monotonic() > self._asked_until:
            self._credit = 0
        if self._credit > self._batch // 2:
            return
        wanted = self._batch - self._credit
        request = {"batch": wanted, "expires": int(EXPIRES_SECONDS * 1e9)}
        await self._client.publish(self._subject, json.dumps(request).encode(), reply=self._inbox)
        self._credit += wanted
        self._asked_until = time.monotonic() + EXPIRES_SECONDS + 1

    async def _sort(self, message: Msg, taken: list[Msg]) -> None:
        status = _status(message)
        if status is None:
            taken.append(message)
            self._credit = max(0, self._credit - 1)
            return
        left = (message.headers or {}).get("Nats-Pending-Messages")
        self._credit = max(0, self._credit - int(left)) if left else 0
        if status != "408":
            # No responders, consumer deleted, leadership change: the next request must not follow at once.
            await asyncio.sleep(TROUBLE_SECONDS)
        await self._ask()


def _status(message: Msg) -> str | None:
    # Only what the broker says itself asks for no acknowledgement; a message of the stream may bear any headers.
    return None if message.reply or message.data else (message.headers or {}).get("Status")
