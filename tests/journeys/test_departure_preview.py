"""The preview at each stage: what would move, who may ask, and what is no sensible question."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import httpx2
import pytest
from pydantic import SecretStr

import account.main
import closing.main
import telemarketing.main
from conveyor.kit.clock import FrozenClock
from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Listeners
from conveyor.kit.service import Service
from conveyor.kit.settings import ServiceSettings
from telemarketing.settings import TelemarketingSettings
from tests.handoffs.stage_at_work import NOW, YESTERDAY, PlainTokens, StageAtWork
from tests.servers import FreshDatabase

MAINS: dict[str, Any] = {"telemarketing": telemarketing.main, "closing": closing.main, "account": account.main}
ROLE: dict[str, Any] = {"telemarketing": "sdr", "closing": "ae", "account": "am"}


@asynccontextmanager
async def whole(service: str, url: str) -> AsyncIterator[StageAtWork]:
    clock = FrozenClock(NOW)
    database = Database(url, service=service, clock=clock, pool_size=4)
    kind = TelemarketingSettings if service == "telemarketing" else ServiceSettings
    settings = kind(
        service=service,
        database_url=SecretStr(url),
        nats_url="nats://127.0.0.1:1",
        nats_password=SecretStr("b7d4e2"),
        jwks_url="file:///nowhere",
        token_issuer="test",
    )
    idle = cast("Any", SimpleNamespace(caught_up=None))
    parts = Service(
        settings=settings,
        clock=clock,
        database=database,
        listeners=Listeners(),
        relay=idle,
        consumer=idle,
        connection=idle,
        tokens=cast("Any", PlainTokens()),
    )
    more = {"settings": settings} if service == "telemarketing" else {}
    app = MAINS[service].application(parts, **more)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=f"http://{service}.test") as http:
        try:
            yield StageAtWork(service=service, database=database, listeners=parts.listeners, http=http, clock=clock)
        finally:
            await database.close()


async def ask(stage: StageAtWork, employee_id: UUID, *, who: str = "head", **more: Any) -> httpx2.Response:
    query = "&".join(f"{name}={value}" for name, value in {"left_on": "2026-03-12", **more}.items())
    return await stage.call("GET", f"/departures/preview?employee_id={employee_id}&{query}", who=who)


@pytest.mark.parametrize("service", ["closing", "account"])
async def test_deals_or_clients_and_open_handoffs(fresh_database: FreshDatabase, service: str) -> None:
    async with whole(service, fresh_database(service).app) as stage:
        boris = await stage.hire("Boris")
        taken = await stage.offer()
        await stage.accept(taken.handoff_id, boris, at=YESTERDAY)
        waits = await stage.offer()

        seen = (await ask(stage, boris)).json()

        assert (seen["moving"]["owned_count"], seen["moving"]["open_handoff_count"]) == (1, 1)
        assert [one["lead_id"] for one in seen["moving"]["owned"]] == [str(taken.lead_id)]
        # 00:00 in Moscow.
        assert [one["from_at"] for one in seen["moving"]["owned"]] == ["2026-03-11T21:00:00Z"]
        assert seen["moving"]["open_handoffs"] == [str(waits.handoff_id)]
        assert seen["bonuses"] == {"totals": [], "line_count": 0, "lines": []}


async def test_leads_at_telemarketing(fresh_database: FreshDatabase) -> None:
    async with whole("telemarketing", fresh_database("telemarketing").app) as stage:
        anna = await stage.hire("Anna", role="sdr")
        lead = {"company": {"name": "R"}, "contacts": [], "channel": "list", "mechanics": "cold", "owner_id": str(anna)}
        made = await stage.call("POST", "/leads", lead)
        assert made.status_code == 201, made.text

        moving = (await ask(stage, anna)).json()["moving"]

        assert [one["lead_id"] for one in moving["owned"]] == [made.json()["id"]]
        assert (moving["owned_count"], moving["open_handoff_count"]) == (1, 0)


@pytest.mark.parametrize("service", list(MAINS))
async def test_who_may_ask_and_what_makes_no_sense(fresh_database: FreshDatabase, service: str) -> None:
    async with whole(service, fresh_database(service).app) as stage:
        boris = await stage.hire("Boris", role=ROLE[service])
        other = await stage.hire("other", role="head")
        leaver = await stage.hire("leaver", role=ROLE[service], left_on=date(2026, 3, 1))

        assert (await ask(stage, boris, who=f"{ROLE[service]}:{boris}")).status_code == 403
        assert (await ask(stage, boris, who="admin")).status_code == 200
        for bad in (
            {"left_on": "2020-01-01"},
            {"left_on": "9999-12-31"},
            {"successor_id": boris},
            {"successor_id": other},
            {"successor_id": leaver},
        ):
            assert (await ask(stage, boris, **bad)).status_code == 422, bad
        assert (await ask(stage, new_id())).status_code == 422
        assert (await ask(stage, other)).json()["moving"]["owned_count"] == 0
