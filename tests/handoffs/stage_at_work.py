"""One stage for tests: its real tables and endpoints, facts brought by hand instead of by the broker."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast
from uuid import UUID

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import text

import account.stage
import closing.stage
import conveyor.kit
from conveyor import handoffs, roster
from conveyor.contracts.envelope import Envelope, Fact
from conveyor.contracts.handoffs import HandoffOffered
from conveyor.contracts.registry import KIND_OF_MODEL, read_fact
from conveyor.contracts.roster import ChainRecorded, EmployeeRecorded
from conveyor.contracts.values import Company, CriterionAnswer, MeetingSummary, Role
from conveyor.kit.clock import FrozenClock
from conveyor.kit.database import Database
from conveyor.kit.http.app import create_app
from conveyor.kit.http.principals import Principal
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.kit.migrations.run import upgrade
from conveyor.kit.service import Service
from conveyor.kit.settings import ServiceSettings
from tests.servers import PostgresForTests

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
F = TypeVar("F", bound=Fact)

STAGES: dict[str, ModuleType] = {"closing": closing.stage, "account": account.stage}
ROLE_OF: dict[str, Role] = {"closing": "ae", "account": "am"}


class PlainTokens:
    """Reads `role` or `role:<employee id>` instead of a signed token."""

    async def principal(self, token: str) -> Principal:
        role, _, employee = token.partition(":")
        return Principal(subject=token, role=role, employee_id=UUID(employee) if employee else None)


@dataclass
class StageAtWork:
    """A stage with a clock that stands at NOW."""

    service: str
    database: Database
    listeners: Listeners
    http: httpx2.AsyncClient
    clock: FrozenClock

    async def hear(self, *facts: Fact, at: datetime = YESTERDAY, service: str | None = None) -> None:
        """Bring facts in one transaction, as a batch; raises WaitsFor like the listener that waits."""
        async with self.database.transaction() as tx:
            for fact in facts:
                kind = KIND_OF_MODEL[type(fact)]
                by = service or kind.owners[0]
                event = Event(
                    id=new_id(),
                    service=by,
                    kind=kind,
                    key=kind.key_of(fact),
                    occurred_at=at,
                    recorded_at=at,
                    actor="test",
                    correlation_id=new_id(),
                    causation_id=None,
                    fact=fact,
                )
                for handler in self.listeners.of(kind, by):
                    await handler(tx, event)
            await tx.commit()

    async def said(self, model: type[F]) -> list[tuple[F, datetime]]:
        """Facts of a kind in the outbox with their business time, oldest first."""
        async with self.database.reading() as session:
            bodies = (await session.scalars(text("SELECT body FROM outbox ORDER BY id"))).all()
        envelopes = [Envelope.model_validate(json.loads(body)) for body in bodies]
        return [(fact, one.time) for one in envelopes if isinstance(fact := read_fact(one), model)]

    async def call(
        self, method: str, path: str, body: Any = None, *, who: str = "integration", **headers: str
    ) -> httpx2.Response:
        """Call the API as `role` or `role:<employee id>`; header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(
            method, f"/v1{path}", json=body, headers={"Authorization": f"Bearer {who}", **named}
        )

    async def hire(self, name: str = "Boris", *, role: Role | None = None, revision: int = 1, **more: Any) -> UUID:
        """Put somebody of the stage's role on the roster; `employee_id` in `more` for a later revision."""
        employee = {"employee_id": new_id(), "payroll_number": "0201", "hired_on": date(2025, 1, 9), **more}
        fact = EmployeeRecorded(
            full_name=name, role=role or ROLE_OF[self.service], revision=revision, **cast("Any", employee)
        )
        await self.hear(fact)
        return fact.employee_id

    async def chain(self, *members: UUID, revision: int = 1, since: date = date(2025, 1, 9)) -> None:
        """People who work together."""
        fact = ChainRecorded(
            chain_id=new_id(), revision=revision, name="Alpha", member_ids=members, effective_from=since
        )
        await self.hear(fact)

    async def offer(self, *, by: UUID | None = None, at: datetime = YESTERDAY, **more: Any) -> HandoffOffered:
        """Hear an offer to this stage."""
        fact = offer_to(self.service, offered_by=by or new_id(), **more)
        await self.hear(fact, at=at, service=fact.from_stage)
        return fact

    async def handoff(self, handoff_id: UUID, *, who: str = "head") -> dict[str, Any]:
        """The handoff as its endpoint shows it."""
        response = await self.call("GET", f"/handoffs/{handoff_id}", who=who)
        assert response.status_code == 200, response.text
        return cast("dict[str, Any]", response.json())

    async def accept(self, handoff_id: UUID, employee_id: UUID, *, at: datetime = YESTERDAY) -> dict[str, Any]:
        """Accept in somebody's name."""
        body = {"employee_id": str(employee_id), "occurred_at": at.isoformat()}
        response = await self.call("POST", f"/handoffs/{handoff_id}/acceptance", body)
        assert response.status_code == 201, response.text
        return cast("dict[str, Any]", response.json())


def offer_to(stage: str, **more: Any) -> HandoffOffered:
    """An offer with a meeting for closing, with a contract for account."""
    given: dict[str, Any] = {
        "handoff_id": new_id(),
        "lead_id": new_id(),
        "offered_by": new_id(),
        "from_stage": "telemarketing" if stage == "closing" else "closing",
        "to_stage": stage,
        "company": Company(name="Romashka"),
        "criteria": (CriterionAnswer(code="budget", answer="yes"),),
    }
    if stage == "closing":
        given["meeting"] = MeetingSummary(meeting_id=new_id(), starts_at=NOW + timedelta(days=1))
    else:
        given |= {"deal_id": new_id(), "contract_number": "C-17"}
    return HandoffOffered(**{**given, **more})


@asynccontextmanager
async def stage_at_work(service: str, url: str) -> AsyncIterator[StageAtWork]:
    """Assemble the stage on a migrated database."""
    clock = FrozenClock(NOW)
    database = Database(url, service=service, clock=clock, pool_size=5)
    listeners = Listeners()
    STAGES[service].listen(listeners)
    settings = ServiceSettings(
        service=service,
        database_url=SecretStr(url),
        nats_url="nats://127.0.0.1:1",
        nats_password=SecretStr("b7d4e2"),
        jwks_url="file:///nowhere",
        token_issuer="test",
    )
    idle = cast("Any", None)
    parts = Service(
        settings=settings,
        clock=clock,
        database=database,
        listeners=listeners,
        relay=idle,
        consumer=idle,
        connection=idle,
        tokens=cast("Any", PlainTokens()),
    )
    app = create_app(service=parts, routers=STAGES[service].routers(database, backdating_days_max=7))
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://{service}.test") as http:
        try:
            yield StageAtWork(service=service, database=database, listeners=listeners, http=http, clock=clock)
        finally:
            await database.close()


def rooms_of(service: str) -> Sequence[Path]:
    """The stage's migrations, bonuses apart."""
    kit = Path(conveyor.kit.__file__).parent / "migrations" / "versions"
    own = Path(cast("str", STAGES[service].__file__)).parents[1] / "migrations" / "versions"
    return (kit, roster.MIGRATIONS, handoffs.MIGRATIONS, own)


StageUrl = Callable[[str], str]


@pytest.fixture(scope="session")
def stage_templates(postgres: PostgresForTests) -> Callable[[str], str]:
    """Databases with a stage's tables, made once in a session, to be copied."""
    made: dict[str, str] = {}

    def template(service: str) -> str:
        if service not in made:
            name = f"template_stage_{service}"
            upgrade(postgres.create_database(name, service).migrator, rooms_of(service))
            made[service] = name
        return made[service]

    return template


@pytest.fixture
def stage_url(postgres: PostgresForTests, stage_templates: Callable[[str], str]) -> Iterator[StageUrl]:
    """A new database with a stage's tables, dropped after the test."""
    names: list[str] = []

    def make(service: str) -> str:
        name = f"stage_{service}_{new_id().hex[-12:]}"
        urls = postgres.create_database(name, service, stage_templates(service))
        names.append(name)
        return urls.app

    yield make
    for name in names:
        postgres.databases.drop(name)
