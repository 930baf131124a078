"""A service's messaging on real servers, with one handler that writes down what it applied."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import nats
from sqlalchemy import text

from conveyor.contracts.telemarketing import TouchRecorded
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database, Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.connection import Connection
from conveyor.kit.messaging.consumer import Consumer
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.kit.messaging.handling import RetryPolicy
from conveyor.kit.messaging.relay import Relay
from conveyor.kit.migrations.run import KIT, upgrade
from conveyor_local.nats import EmbeddedNats
from tests.servers import FreshDatabase

SERVICE = "telemarketing"
QUICK = RetryPolicy(attempts_max=3, first_delay_seconds=0.02, delay_seconds_max=0.1)


@dataclass
class Line:
    """One service: its database, its link to the broker, its relay and its consumer."""

    url: str
    nats: EmbeddedNats
    database: Database
    connection: Connection
    listeners: Listeners
    relay: Relay
    consumer: Consumer
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def start_relay(self) -> None:
        self.tasks.append(asyncio.create_task(self.relay.run(self.stop)))

    def start_consumer(self) -> None:
        self.tasks.append(asyncio.create_task(self.consumer.run(self.stop)))

    def start(self) -> None:
        self.start_relay()
        self.start_consumer()

    async def say(self, *facts: TouchRecorded) -> list[UUID]:
        async with self.database.transaction() as tx:
            ids = [tx.say(fact) for fact in facts]
            await tx.commit()
        return ids

    async def rows(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url)
        try:
            found: list[asyncpg.Record] = await connection.fetch(statement, *values)
            return found
        finally:
            await connection.close()

    async def effects(self) -> list[UUID]:
        return [row["event_id"] for row in await self.rows("SELECT event_id FROM effects ORDER BY place")]

    async def count(self, table: str) -> int:
        return int((await self.rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"])  # noqa: S608 - a test's own name

    async def published(self) -> list[Any]:
        """Everything in the stream."""
        return await messages_of(self.nats)


def touch(*, lead_id: UUID | None = None, note: str | None = None) -> TouchRecorded:
    return TouchRecorded(
        touch_id=new_id(), lead_id=lead_id or new_id(), employee_id=new_id(), kind="letter_general", note=note
    )


async def write_effect(tx: Transaction, event: Event[TouchRecorded]) -> None:
    await tx.session.execute(text("INSERT INTO effects (event_id) VALUES (:id)"), {"id": event.id})


@asynccontextmanager
async def a_line(
    empty_database: FreshDatabase,
    server: EmbeddedNats,
    *,
    handler: Callable[[Transaction, Event[TouchRecorded]], Awaitable[None]] = write_effect,
    database_port: int | None = None,
    nats_port: int | None = None,
) -> AsyncIterator[Line]:
    """The ports say where the servers are reached, if not where they listen."""
    urls = empty_database(SERVICE)
    await asyncio.to_thread(upgrade, urls.migrator, [KIT])
    owner = await asyncpg.connect(urls.migrator)
    await owner.execute("CREATE TABLE effects (place bigint GENERATED ALWAYS AS IDENTITY, event_id uuid)")
    await owner.execute("CREATE TABLE things (key text)")
    await owner.close()
    line = build_line(
        at_port(urls.app, database_port), server, nats_url=at_port(server.url, nats_port), handler=handler
    )
    line.url = urls.app
    try:
        yield line
    finally:
        line.stop.set()
        await asyncio.gather(*line.tasks)
        await line.connection.close()
        await line.database.close()


def build_line(
    url: str,
    server: EmbeddedNats,
    *,
    handler: Callable[[Transaction, Event[TouchRecorded]], Awaitable[None]],
    nats_url: str | None = None,
) -> Line:
    database = Database(url, service=SERVICE, clock=SystemClock())
    connection = Connection(nats_url or server.url, service=SERVICE, password=lambda: server.password_of(SERVICE))
    listeners = Listeners()
    listeners.on(TouchRecorded, handler)
    return Line(
        url=url,
        nats=server,
        database=database,
        connection=connection,
        listeners=listeners,
        relay=Relay(database, connection),
        consumer=Consumer(database, listeners, connection, retries=QUICK),
    )


def at_port(url: str, port: int | None) -> str:
    """The address as it is, or at another port."""
    return url if port is None else re.sub(r":\d+(?=/|$)", f":{port}", url)


async def eventually(condition: Callable[[], Awaitable[bool]], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def client_of(server: EmbeddedNats, user: str) -> AsyncIterator[Any]:
    client = await nats.connect(
        server.url.split(","),
        user=user,
        password=server.password_of(user),
        inbox_prefix=f"_INBOX_{user.replace('-', '_')}",
    )
    try:
        yield client
    finally:
        await client.close()


async def messages_of(server: EmbeddedNats) -> list[Any]:
    async with client_of(server, "provisioner") as client:
        js = client.jetstream()
        last = (await js.stream_info("CONVEYOR")).state.last_seq
        return [await js.get_msg("CONVEYOR", seq) for seq in range(1, last + 1)]
