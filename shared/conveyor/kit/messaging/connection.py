"""The connection of one user to NATS. It comes by itself, also after the broker was away for hours.

The settings answer pitfalls of nats-py: an exception in `error_cb` makes a connection deaf, a half-open link is noticed
only by pings, other services' replies are readable without an own inbox prefix, and a reconnecting client can stay
between two states for ever when the broker goes again at the wrong moment. So a client serves one link only: when that
is gone, a new one is made.
"""

import asyncio
import contextlib
import logging
import re
from collections import Counter

from nats.aio.client import Client

from conveyor.kit.passwords import Password

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5
PING_SECONDS = 10
RECONNECT_SECONDS = 0.5
LOOK_SECONDS = 1.0
# What nats-py may hold while disconnected: messages sent late as "ghosts" are possible, so as few as it can.
PENDING_BYTES = 64 * 1024

_VIOLATION = re.compile(r"permissions violation for \w+ to \"?([^\"\s]+)", re.IGNORECASE)


class _Client(Client):
    async def _process_headers(self, headers: bytes) -> dict[str, str] | None:
        # Whoever may publish may give a message headers that nats-py cannot read, and its reading would end with them:
        # deaf again at each repetition, for ever.
        try:
            return await super()._process_headers(headers)
        except Exception as error:  # noqa: BLE001 - whatever they are, the message is judged by its body
            logger.warning("a message has headers that cannot be read: %s", type(error).__name__)
            return None


class Connection:
    """One NATS connection under the user `service`, with its own inbox prefix. `url` may name several servers.

    `password` is asked at each new link.

    `start` returns at once and connects in the background; `client` says whether there is one to use now.
    """

    def __init__(self, url: str, *, service: str, password: Password) -> None:
        self._urls = url.split(",")
        self._service = service
        self._password = password
        self._client: Client | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        self._lost = asyncio.Event()
        self._closing = False
        self.epoch = 0
        """Grows with each new link to the broker; whoever sees it change must not trust what he knew of the stream."""
        self.violations: Counter[str] = Counter()
        """How often the server denied a subject (in lower case, as it tells)."""

    @property
    def is_connected(self) -> bool:
        """Whether the link stands."""
        return self._client is not None and self._client.is_connected

    @property
    def client(self) -> Client | None:
        """The connected client, or None while there is no link."""
        return self._client if self.is_connected else None

    def start(self) -> None:
        """Begin to connect, once."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name="nats-connection")

    async def ready(self, *, seconds_max: float) -> Client | None:
        """The connected client as soon as there is one, at most after `seconds_max`."""
        self.start()
        if not self.is_connected:
            # A link can end without a callback; waiting on an event that is still set would spin and starve the keeper.
            self._up.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds_max):
                    await self._up.wait()
        return self.client

    async def close(self) -> None:
        """Let the broker go. Callers have stopped pulling and publishing; nothing is drained here."""
        self._closing = True
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        await self._close_client()

    async def _keep(self) -> None:
        # nats-py swallows a cancellation while it flushes: the flag ends what cancel() alone would not.
        while not self._closing:
            self._lost.clear()
            try:
                self._client = await self._connect()
            except Exception as error:  # noqa: BLE001 - whatever it is, the broker is asked again
                logger.warning("no connection to NATS: %s", type(error).__name__)
                await asyncio.sleep(RECONNECT_SECONDS)
                continue
            self._came()
            await self._until_lost(self._client)
            await self._close_client()

    async def _until_lost(self, client: Client) -> None:
        # nats-py forgets its callbacks when closing fails half-way (a drain that raises): they alone are not trusted.
        while client.is_connected and not self._lost.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._lost.wait()

    async def _connect(self) -> Client:
        async with asyncio.timeout(CONNECT_SECONDS):
            # Without reconnecting, nats-py tries only the first server it is given.
            self._urls.append(self._urls.pop(0))
            client = _Client()
            await client.connect(
                self._urls[:1],
                user=self._service,
                password=self._password(),
                name=self._service,
                inbox_prefix=f"_INBOX_{self._service.replace('-', '_')}",
                connect_timeout=CONNECT_SECONDS,
                allow_reconnect=False,
                ping_interval=PING_SECONDS,
                max_outstanding_pings=2,
                pending_size=PENDING_BYTES,
                drain_timeout=2,
                error_cb=self._on_error,
                disconnected_cb=self._went,
                closed_cb=self._closed,
            )
            return client

    async def _close_client(self) -> None:
        client, self._client = self._client, None
        self._up.clear()
        if client is not None:
            # close() and not drain(): a leftover status message makes drain wait its whole timeout.
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await client.close()

    def _came(self) -> None:
        self.epoch += 1
        self._up.set()
        logger.info("connected to NATS")

    async def _went(self) -> None:
        self._up.clear()
        logger.warning("disconnected from NATS")

    async def _closed(self) -> None:
        self._up.clear()
        self._lost.set()

    async def _on_error(self, error: Exception) -> None:
        try:
            denied = _VIOLATION.search(str(error))
            if denied:
                self.violations[denied.group(1)] += 1
                logger.error("NATS denied %s", denied.group(1))
            else:
                logger.warning("NATS: %s", type(error).__name__)
        except Exception:  # noqa: BLE001, S110 - an exception here would end nats-py's read loop
            pass
