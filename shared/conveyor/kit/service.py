"""A service: its parts, and their life from start to a graceful stop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import text

from conveyor.kit.clock import Clock, SystemClock
from conveyor.kit.database import Database
from conveyor.kit.http.auth import ROLES
from conveyor.kit.http.jwks import JwksCache
from conveyor.kit.http.tokens import TokenVerifier
from conveyor.kit.logs import configure_logging
from conveyor.kit.messaging.connection import Connection
from conveyor.kit.messaging.consumer import Consumer
from conveyor.kit.messaging.events import Listeners
from conveyor.kit.messaging.relay import Relay
from conveyor.kit.messaging.upkeep import Upkeep
from conveyor.kit.operations.report_backlog import BacklogReporter
from conveyor.kit.operations.self_check import SelfCheck
from conveyor.kit.refusals import Refusal
from conveyor.kit.settings import ServiceSettings

RESTART_SECONDS = 1.0
GAUGES_SECONDS = 10.0

logger = logging.getLogger(__name__)

LagSource = Callable[[], Awaitable[Mapping[str, int]]]


class Worker(Protocol):
    """Work beside the requests, such as a watch over deadlines."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then come to an end by yourself."""
        ...


class Gate(Protocol):
    """Something that has to be so before people's data may be shown, such as erasures being whole."""

    @property
    def name(self) -> str:
        """What /readyz calls it."""
        ...

    async def is_open(self) -> bool:
        """Whether it is so; asked often."""
        ...


@dataclass(kw_only=True)
class Service:
    """The parts of one service. Rooms add their listeners, workers and lag sources before the application starts."""

    settings: ServiceSettings
    clock: Clock
    database: Database
    listeners: Listeners
    relay: Relay
    consumer: Consumer
    connection: Connection
    tokens: TokenVerifier
    background: list[Worker] = field(default_factory=list)
    lag_sources: list[LagSource] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        """Start everything in the background, so that a broker that is down delays nobody; stop it in order.

        Stop: readiness false, background workers and the consumer end what they have in hand, the relay publishes what
        is still in the outbox, then broker and database are let go. No step takes longer than its share of
        `shutdown_seconds_max`; what is left is in the database and goes on at the next start.
        """
        settings = self.settings
        configure_logging(service=settings.service, log_format=settings.log_format, level=settings.log_level)
        share = settings.shutdown_seconds_max / 3
        stop_work, stop_relay = asyncio.Event(), asyncio.Event()
        self.connection.start()
        work = [_Supervised(worker, stop_work) for worker in (self.consumer, *self.background)]
        relay = _Supervised(self.relay, stop_relay)
        try:
            yield
        finally:
            self.stopping.set()
            stop_work.set()
            await asyncio.gather(*[each.end(seconds_max=share) for each in work])
            stop_relay.set()
            await relay.end(seconds_max=share)
            await _within(share, self.connection.close(), name="broker")
            await _within(share, self.database.close(), name="database")

    async def database_is_up(self, *, seconds_max: float) -> bool:
        """Whether the database answers in time."""
        try:
            async with asyncio.timeout(seconds_max), self.database.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception:  # noqa: BLE001 - whatever the reason, it does not answer
            return False
        return True

    async def closed_gates(self) -> list[str]:
        """What has to be done before this service may show people's data."""
        return [gate.name for gate in self.gates if not await gate.is_open()]

    def broker_is_up(self) -> bool:
        """Whether the connection to the broker stands."""
        return self.connection.is_connected


class _Supervised:
    """A worker that is started again when it falls, until it is told to stop."""

    def __init__(self, worker: Worker, stop: asyncio.Event) -> None:
        self._worker = worker
        self._stop = stop
        self._task = asyncio.create_task(self._run(), name=type(worker).__name__)

    async def _run(self) -> None:
        while not self._stop.is_set():
            try:
                await self._worker.run(self._stop)
            except Exception:
                logger.exception("%s fell and is started again", self._task.get_name())
            else:
                if not self._stop.is_set():
                    logger.warning("%s ended before it was told to", self._task.get_name())
            await _wait_at_most(RESTART_SECONDS, self._stop)

    async def end(self, *, seconds_max: float) -> None:
        _, running = await asyncio.wait([self._task], timeout=seconds_max)
        if running:
            logger.warning("%s did not end in time and is cut off", self._task.get_name())
            self._task.cancel()
            await asyncio.wait([self._task], timeout=1.0)


class _Gauges:
    """Keeps the gauges of what waits fresh for /metrics, also when nobody asks for the lag."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._consumer.lag()
            except Refusal as away:
                logger.info("gauges wait: %s", away.code)
            await _wait_at_most(GAUGES_SECONDS, stop)


async def _wait_at_most(seconds: float, event: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def _within(seconds: float, closing: Awaitable[None], *, name: str) -> None:
    try:
        async with asyncio.timeout(seconds):
            await closing
    except Exception:
        logger.exception("the %s could not be let go", name)


def assemble(settings: ServiceSettings, *, clock: Clock | None = None) -> Service:
    """The parts of a service by plain construction; nothing is connected and nothing runs yet."""
    clock = clock or SystemClock()
    database = Database(
        settings.database_url.get_secret_value(),
        service=settings.service,
        clock=clock,
        pool_size=settings.database_pool_size,
        password=settings.database_credential,
    )
    connection = Connection(settings.nats_url, service=settings.nats_user, password=settings.nats_credential)
    listeners = Listeners()
    tokens = TokenVerifier(
        keys=JwksCache(settings.jwks_url),
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        roles=ROLES,
        clock=clock,
        days_max=settings.token_days_max,
    )
    consumer = Consumer(database, listeners, connection)
    return Service(
        settings=settings,
        clock=clock,
        database=database,
        listeners=listeners,
        relay=Relay(database, connection),
        consumer=consumer,
        connection=connection,
        tokens=tokens,
        background=[
            Upkeep(database),
            _Gauges(consumer),
            SelfCheck(database, consumer),
            BacklogReporter(database, consumer),
        ],
        lag_sources=[consumer.lag],
    )
