"""The bus for tests: real tables and endpoints, its webhook door, facts of others brought by hand."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID

import httpx2
from pydantic import SecretStr
from sqlalchemy import text
from standardwebhooks import Webhook

from conveyor.contracts.envelope import Envelope, Fact
from conveyor.contracts.registry import KIND_OF_MODEL, read_fact
from conveyor.kit.clock import FrozenClock
from conveyor.kit.database import Database
from conveyor.kit.http.principals import Principal
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.kit.service import Service
from handoff_bus.deliveries.intake import Intake
from handoff_bus.deliveries.settler import Settler
from handoff_bus.main import application
from handoff_bus.settings import BusSettings

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
Json = dict[str, Any]
F = TypeVar("F", bound=Fact)


class PlainTokens:
    """Reads `role` or `role:<employee id>` instead of a signed token."""

    async def principal(self, token: str) -> Principal:
        role, _, employee = token.partition(":")
        return Principal(subject=token, role=role, employee_id=UUID(employee) if employee else None)


@dataclass
class BusAtWork:
    """The bus with a clock that stands at NOW; the writer of deliveries runs, they are settled by `settle`."""

    service: Service
    http: httpx2.AsyncClient
    clock: FrozenClock
    intake: Intake
    settler: Settler
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.service.database

    async def call(
        self, method: str, path: str, body: Any = None, *, who: str = "admin", **headers: str
    ) -> httpx2.Response:
        """Call the API as `role` or `role:<employee id>`; header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(
            method, f"/v1{path}", json=body, headers={"Authorization": f"Bearer {who}", **named}
        )

    async def made(self, path: str, body: Json, *, who: str = "admin") -> Json:
        """What a POST created."""
        response = await self.call("POST", path, body, who=who)
        assert response.status_code == 201, response.text
        return cast("Json", response.json())

    async def read(self, path: str, *, who: str = "head") -> Json:
        """What a GET answers."""
        response = await self.call("GET", path, who=who)
        assert response.status_code == 200, response.text
        return cast("Json", response.json())

    async def hire(self, name: str = "Anna", *, role: str = "sdr", extension: str | None = None, **more: Any) -> Json:
        """Put somebody on the roster."""
        references = [{"system": "extension", "value": extension}] if extension else []
        body = {"full_name": name, "role": role, "payroll_number": name, "hired_on": "2025-01-09"}
        return await self.made("/employees", {**body, "references": references, **more})

    async def open_source(self, name: str = "bank") -> Json:
        """A source of kind standard."""
        source = await self.made("/sources", {"name": name, "kind": "standard", "settings": {}})
        self.secrets[name] = source["secret"]
        return source

    async def push(
        self, event: Json | bytes, *, source: str = "bank", webhook_id: str | None = None, **headers: str
    ) -> httpx2.Response:
        """Deliver a webhook, signed by the reference library; `headers` replace the signed ones."""
        if source not in self.secrets:
            await self.open_source(source)
        body = event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode()
        webhook_id = webhook_id or f"w-{new_id()}"
        signed = signed_headers(self.secrets[source], webhook_id=webhook_id, at=self.clock.now(), body=body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(f"/v1/webhooks/{source}", content=body, headers={**signed, **named})

    async def deliver(self, event: Json, **how: Any) -> str:
        """Push and settle; the delivery's id."""
        response = await self.push(event, **how)
        assert response.status_code == 202, response.text
        await self.settle()
        return cast("str", response.json()["delivery_id"])

    async def settle(self) -> None:
        """Settle until nothing is due."""
        while await self.settler.settle_batch():
            pass

    async def delivery(self, delivery_id: str) -> Json:
        """A delivery as its endpoint shows it."""
        return await self.read(f"/deliveries/{delivery_id}")

    async def state(self, delivery_id: str) -> tuple[str, str | None]:
        """State and reason of a delivery."""
        seen = await self.delivery(delivery_id)
        return seen["state"], seen["reason"]

    async def hear(self, *facts: Fact, at: datetime = YESTERDAY, service: str | None = None) -> None:
        """Bring facts in one transaction, as a batch of the consumer, and settle what they woke."""
        async with self.database.transaction() as tx:
            for fact in facts:
                event = event_of(fact, at=at, service=service)
                for handler in self.service.listeners.of(event.kind, event.service):
                    await handler(tx, event)
            await tx.commit()
        await self.settle()

    async def said(self, model: type[F]) -> list[F]:
        """Facts of a kind in the outbox, oldest first."""
        return [fact for envelope in await self.envelopes() if isinstance(fact := read_fact(envelope), model)]

    async def envelopes(self) -> list[Envelope]:
        """The outbox, oldest first."""
        async with self.database.reading() as session:
            bodies = (await session.scalars(text("SELECT body FROM outbox ORDER BY id"))).all()
        return [Envelope.model_validate(json.loads(body)) for body in bodies]


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Wait until the condition gives something true; fails after some 20 seconds."""
    for _ in range(400):
        if await condition():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


def event_of(fact: Fact, *, at: datetime, service: str | None = None) -> Event[Any]:
    """The event in which a service, by default the fact's first owner, says a fact."""
    kind = KIND_OF_MODEL[type(fact)]
    return Event(
        id=new_id(),
        service=service or kind.owners[0],
        kind=kind,
        key=kind.key_of(fact),
        occurred_at=at,
        recorded_at=at,
        actor="test",
        correlation_id=new_id(),
        causation_id=None,
        fact=fact,
    )


def signed_headers(secret: str, *, webhook_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Headers as the Standard Webhooks library signs them."""
    signature = Webhook(base64.b64decode(secret.removeprefix("whsec_"))).sign(
        msg_id=webhook_id, timestamp=at, data=body.decode()
    )
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


@asynccontextmanager
async def bus_at_work(url: str, *, pool_size: int = 8, **more: Any) -> AsyncIterator[BusAtWork]:
    """Assemble the bus on a migrated database; no broker is needed for what is tested here. `more` are settings."""
    clock = FrozenClock(NOW)
    idle = cast("Any", None)
    settings = BusSettings(
        database_url=SecretStr(url),
        nats_url="nats://127.0.0.1:1",
        nats_password=SecretStr("b7d4e2"),
        jwks_url="file:///nowhere",
        token_issuer="test",
        **more,
    )
    service = Service(
        settings=settings,
        clock=clock,
        database=Database(url, service="handoff-bus", clock=clock, pool_size=pool_size),
        listeners=Listeners(),
        relay=idle,
        consumer=idle,
        connection=idle,
        tokens=cast("Any", PlainTokens()),
    )
    app = application(service)
    intake: Intake = app.state.bus.intake
    stop = asyncio.Event()
    writing = asyncio.create_task(intake.run(stop))
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx2.AsyncClient(transport=transport, base_url="http://bus.test", timeout=20) as http:
        try:
            yield BusAtWork(service, http, clock, intake, Settler(service.database, intake))
        finally:
            stop.set()
            with suppress(asyncio.CancelledError):
                await writing
            await service.database.close()
