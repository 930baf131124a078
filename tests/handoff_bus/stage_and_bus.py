"""A stage whose handler can be poisoned, and the whole bus beside it, on one real stream."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx2
from fastapi import FastAPI
from pydantic import SecretStr

from conveyor.contracts.telemarketing import TouchRecorded
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database, Transaction
from conveyor.kit.http.app import create_app
from conveyor.kit.messaging.connection import Connection
from conveyor.kit.messaging.consumer import Consumer
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.kit.messaging.relay import Relay
from conveyor.kit.service import Service
from conveyor.kit.settings import ServiceSettings
from conveyor_local.nats import EmbeddedNats
from handoff_bus.main import application
from handoff_bus.settings import BusSettings
from tests.handoff_bus.bus_at_work import PlainTokens
from tests.kit.messaging_line import QUICK, SERVICE, Line, a_line
from tests.servers import FreshDatabase

Json = dict[str, Any]
Handler = Callable[[Transaction, Event[TouchRecorded]], Awaitable[None]]


@dataclass
class Asked:
    """One service over HTTP, asked as an administrator."""

    http: httpx2.AsyncClient
    service: Service

    async def get(self, path: str, *, who: str = "admin") -> Any:
        """What a GET answers."""
        response = await self.http.get(f"/v1{path}", headers={"Authorization": f"Bearer {who}"})
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, path: str, body: Json | None = None, *, who: str = "admin", expect: int = 200) -> Any:
        """What a POST answers with this status."""
        response = await self.http.post(f"/v1{path}", json=body, headers={"Authorization": f"Bearer {who}"})
        assert response.status_code == expect, response.text
        return response.json()


@dataclass
class StageAndBus:
    """Both services; the stage's relay, consumer and effects are those of `line`."""

    line: Line
    stage: Asked
    bus: Asked

    def start_bus(self) -> None:
        """Let the bus publish and hear."""
        for worker in (self.bus.service.relay, self.bus.service.consumer):
            self.line.tasks.append(asyncio.create_task(worker.run(self.line.stop)))


@asynccontextmanager
async def a_stage_and_the_bus(
    empty_database: FreshDatabase, fresh_database: FreshDatabase, server: EmbeddedNats, *, handler: Handler
) -> AsyncIterator[StageAndBus]:
    """Nothing runs yet: start the line and the bus when the test wants them."""
    bus_parts = _bus_parts(fresh_database("handoff-bus").app, server)
    try:
        async with a_line(empty_database, server, handler=handler) as line:
            stage_parts = _service(ServiceSettings(service=SERVICE, **_settings(line.url, server)), line)
            stage_app = create_app(service=stage_parts, routers=[])
            async with _asked(stage_app, stage_parts) as stage, _asked(application(bus_parts), bus_parts) as bus:
                yield StageAndBus(line, stage, bus)
    finally:
        await bus_parts.connection.close()
        await bus_parts.database.close()


@asynccontextmanager
async def _asked(app: FastAPI, service: Service) -> AsyncIterator[Asked]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx2.AsyncClient(transport=transport, base_url="http://service.test", timeout=20) as http:
        yield Asked(http, service)


def _bus_parts(url: str, server: EmbeddedNats) -> Service:
    database = Database(url, service="handoff-bus", clock=SystemClock(), pool_size=4)
    connection = Connection(server.url, service="handoff-bus", password=lambda: server.password_of("handoff-bus"))
    listeners = Listeners()
    return Service(
        settings=BusSettings(**_settings(url, server)),
        clock=database.clock,
        database=database,
        listeners=listeners,
        relay=Relay(database, connection),
        consumer=Consumer(database, listeners, connection, retries=QUICK),
        connection=connection,
        tokens=cast("Any", PlainTokens()),
    )


def _service(settings: ServiceSettings, line: Line) -> Service:
    return Service(
        settings=settings,
        clock=line.database.clock,
        database=line.database,
        listeners=line.listeners,
        relay=line.relay,
        consumer=line.consumer,
        connection=line.connection,
        tokens=cast("Any", PlainTokens()),
    )


def _settings(url: str, server: EmbeddedNats) -> Json:
    return {
        "database_url": SecretStr(url),
        "nats_url": server.url,
        "nats_password": SecretStr("b7d4e2"),
        "jwks_url": "file:///nowhere",
        "token_issuer": "test",
    }
