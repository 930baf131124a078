"""A telemarketing service in this process, on a real database: callers, facts heard, facts said."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text

from conveyor.contracts.envelope import Fact
from conveyor.contracts.registry import KIND_OF_MODEL
from conveyor.contracts.roster import EmployeeRecorded
from conveyor.kit.clock import FrozenClock
from conveyor.kit.http.app import create_app
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Event
from conveyor.kit.service import Service, assemble
from conveyor_local.tokens import AUDIENCE, ISSUER, TokenIssuer
from telemarketing import stage
from telemarketing.settings import TelemarketingSettings

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)

LEAD: dict[str, Any] = {
    "company": {"name": "Ромашка", "inn": "7701234567", "city": "Тверь"},
    "contacts": [{"name": "Ольга", "position": "секретарь", "phone": "+7 495 000-00-01", "email": "Office@r.example"}],
    "channel": "list",
    "mechanics": "cold",
    "segment": "retail",
    "references": [{"system": "crm:amo", "value": "A-1"}],
}


def lead_named(name: str, **changes: Any) -> dict[str, Any]:
    """A cold lead that shares nothing with others."""
    return {"company": {"name": name}, "contacts": [], "channel": "list", "mechanics": "cold", **changes}


def event_of(fact: Fact, *, at: datetime, service: str) -> Event[Any]:
    """The event in which a service says a fact."""
    kind = KIND_OF_MODEL[type(fact)]
    kind.type_for(service)
    return Event(
        id=new_id(),
        service=service,
        kind=kind,
        key=kind.key_of(fact),
        occurred_at=at,
        recorded_at=at,
        actor="service:test",
        correlation_id=new_id(),
        causation_id=None,
        fact=fact,
    )


@dataclass
class Line:
    """The service with its clock at NOW; nothing runs in the background."""

    service: Service
    app: FastAPI
    clock: FrozenClock
    issuer: TokenIssuer
    employees: dict[str, UUID] = field(default_factory=dict)

    @asynccontextmanager
    async def caller(self, role: str, employee_id: UUID | None = None) -> AsyncIterator[httpx2.AsyncClient]:
        """A client with a token of this role."""
        token = self.issuer.token(role=role, employee_id=employee_id)
        transport = httpx2.ASGITransport(app=self.app)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://tm.test/v1", headers=headers) as client:
            yield client

    async def ask(self, who: str, method: str, path: str, *, json: Any = None, **options: Any) -> httpx2.Response:
        """One request by an employee of this name, or by a role that needs none."""
        employee_id = self.employees.get(who)
        async with self.caller("sdr" if employee_id else who, employee_id) as client:
            return await client.request(method, path, json=json, **options)

    async def hire(self, name: str, role: str = "sdr", **changes: Any) -> UUID:
        """Hear of an employee; `changes` to the fact."""
        employee_id = self.employees.get(name) or new_id()
        if role == "sdr":
            self.employees[name] = employee_id
        fact = EmployeeRecorded(
            **{
                "employee_id": employee_id,
                "revision": 1,
                "full_name": name,
                "role": role,
                "payroll_number": name,
                "hired_on": date(2025, 1, 1),
                **changes,
            }
        )
        await self.hear(event_of(fact, at=self.clock.now(), service="handoff-bus"))
        return employee_id

    async def hear(self, *events: Event[Any]) -> None:
        """Handle events in one transaction, as the consumer does with a batch."""
        async with self.service.database.transaction() as tx:
            for event in events:
                for handler in self.service.listeners.of(event.kind, event.service):
                    await handler(tx, event)
            await tx.commit(None)

    async def said(self, fact: str | None = None) -> list[dict[str, Any]]:
        """The envelopes in the outbox, in order; of one fact only if named."""
        async with self.service.database.reading() as session:
            rows = await session.execute(text("SELECT CAST(body AS jsonb) AS body FROM outbox ORDER BY id"))
            bodies: list[dict[str, Any]] = [row.body for row in rows]
        return [body for body in bodies if fact is None or body["type"] == f"conveyor.telemarketing.{fact}.v1"]

    async def record(self, body: dict[str, Any], *, who: str = "integration") -> dict[str, Any]:
        """A recorded lead."""
        answer = await self.ask(who, "POST", "/leads", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def read(self, lead_id: str, *, who: str = "head") -> dict[str, Any]:
        """The lead with its history."""
        answer = await self.ask(who, "GET", f"/leads/{lead_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def open_line(url: str, home: Path) -> Line:
    """The service on the database behind `url`."""
    clock = FrozenClock(NOW)
    issuer = TokenIssuer(home, clock=clock)
    settings = TelemarketingSettings(
        database_url=SecretStr(url),
        nats_url="nats://127.0.0.1:1",
        nats_password=SecretStr("b7d4e2"),
        jwks_url=issuer.jwks_url,
        token_issuer=ISSUER,
        token_audience=AUDIENCE,
        database_pool_size=25,
    )
    service = assemble(settings, clock=clock)
    stage.listen(service.listeners)
    made = create_app(service=service, routers=stage.ROUTERS)
    stage.furnish(made, service=service, settings=settings)
    return Line(service=service, app=made, clock=clock, issuer=issuer)


def problem(answer: httpx2.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem document of a refused request."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert code is None or body["code"] == code, body
    return body


def pointers(answer: httpx2.Response) -> set[str]:
    """The fields that a 422 names."""
    return {error["pointer"] for error in problem(answer, 422)["errors"]}
