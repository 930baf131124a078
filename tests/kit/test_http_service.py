"""A whole service with its real servers: starts without its broker, says facts, stops in order."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.http.app import create_app
from conveyor.kit.ids import new_id
from conveyor.kit.service import Service, assemble
from conveyor.kit.settings import ServiceSettings
from conveyor_local.nats import EmbeddedNats
from tests.kit.sample_app import ISSUER, Issuer, calling, keys_file, sample_service
from tests.servers import FreshDatabase


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = before


def settings(folder: Path, *, database_url: str, nats: EmbeddedNats | None) -> ServiceSettings:
    return ServiceSettings(
        service="closing",
        database_url=SecretStr(database_url),
        nats_url=nats.url if nats else "nats://127.0.0.1:1",
        nats_password=SecretStr(nats.password_of("closing") if nats else "b7d4e2"),
        jwks_url=keys_file(folder, Issuer()).as_uri(),
        token_issuer=ISSUER,
        shutdown_seconds_max=9,
    )


async def eventually(condition: Callable[[], Coroutine[Any, Any, bool]], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.05)


async def say(service: Service) -> None:
    async with service.database.transaction() as tx:
        reference = Reference(system="inn", value="7707083893")
        tx.say(ReferenceAssigned(lead_id=new_id(), reference=reference))
        await tx.commit()


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(service=service, routers=[])
    async with service.lifespan(app), calling(app) as client:
        yield client


async def test_a_service_says_what_it_has_to_say_and_comes_to_rest(
    fresh_database: FreshDatabase, provisioned_nats: EmbeddedNats, tmp_path: Path
) -> None:
    urls = fresh_database("closing")
    service = assemble(settings(tmp_path, database_url=urls.app, nats=provisioned_nats))
    async with running(service) as client:

        async def is_ready() -> bool:
            return bool((await client.get("/readyz")).json()["broker"] == "ok")

        async def is_at_rest() -> bool:
            return set((await service.consumer.lag()).values()) == {0}

        await eventually(is_ready)
        await say(service)
        await eventually(is_at_rest)
        await say(service)

    async with service.database.reading() as session:
        counts = await session.execute(text("SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM outbox_log)"))
        assert tuple(counts.one()) == (0, 2), "the relay publishes what is left before it goes"
    await service.database.close()
    assert not service.connection.is_connected
    assert service.stopping.is_set()


async def test_without_its_broker_a_service_starts_serves_and_stops_in_time(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    service = assemble(settings(tmp_path, database_url=fresh_database("closing").app, nats=None))
    async with running(service) as client:
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["database"], ready.json()["broker"]) == (200, "ok", "down")
        await say(service)
        assert (await service.consumer.lag())["outbox"] == 1
        began = time.monotonic()

    assert time.monotonic() - began < 9


async def test_the_lag_needs_a_token_and_adds_up_its_sources(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    issuer = Issuer()
    service = sample_service(keys_file(tmp_path, issuer), database_url=fresh_database("closing").app)
    app = create_app(service=service, routers=[])

    async def deliveries() -> dict[str, int]:
        return {"parked": 3, "outbox": 1}

    service.lag_sources.append(deliveries)
    async with calling(app) as client:
        assert (await client.get("/v1/lag")).status_code == 401
        lag = await client.get("/v1/lag", headers=issuer.bearer())
    await service.database.close()

    assert lag.json() == {"outbox": 1, "consumer": -1, "parked": 3}


async def test_a_worker_that_falls_is_started_again_and_one_that_hangs_is_cut_off(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conveyor.kit.service.RESTART_SECONDS", 0.01)
    made = settings(tmp_path, database_url=fresh_database("closing").app, nats=None)
    service = assemble(made.model_copy(update={"shutdown_seconds_max": 1.5}))
    falls, hangs = Falling(), Hanging()
    service.background = [falls, hangs]

    async with running(service):
        await eventually(falls.has_fallen_thrice)

    assert hangs.was_cut_off


class Falling:
    def __init__(self) -> None:
        self.times = 0

    async def run(self, stop: asyncio.Event) -> None:
        self.times += 1
        msg = "fell"
        raise RuntimeError(msg)

    async def has_fallen_thrice(self) -> bool:
        return self.times >= 3


class Hanging:
    was_cut_off = False

    async def run(self, stop: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_cut_off = True
            raise
