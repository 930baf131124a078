"""A request that meets a slow query or a full disk: a generic problem, no half write, and no repair afterwards."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx2
import pytest
from fastapi import APIRouter, Depends, Request
from sqlalchemy import func, select, table, text

from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.http.app import create_app
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.ids import new_id
from conveyor.kit.service import Service
from tests.kit.sample_app import Issuer, calling, keys_file, sample_service
from tests.servers import FreshDatabase

router = APIRouter(tags=["notes"])
ISSUER = Issuer()
AT_ONCE = 30
TABLES = ("notes", "outbox", "idempotency_keys")
FULL_DISK = """
CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE 'could not extend file: no space left on device' USING ERRCODE = 'disk_full'; END $$
"""


@router.post("/notes", status_code=201)
async def record_note(request: Request, _: Annotated[Principal, Depends(allow("ae"))]) -> AnswerModel:
    service: Service = request.app.state.service
    async with service.database.transaction() as tx:
        await tx.session.execute(text("INSERT INTO notes (text) VALUES ('secret words')"))
        tx.say(ReferenceAssigned(lead_id=new_id(), reference=Reference(system="inn", value="7707083893")))
        return await tx.commit(AnswerModel())


@router.get("/slow")
async def read_slowly(request: Request, _: Annotated[Principal, Depends(allow("ae"))]) -> AnswerModel:
    service: Service = request.app.state.service
    async with service.database.reading() as session:
        await session.execute(text("SELECT pg_sleep(60), 'secret words'"))
    return AnswerModel()


@pytest.fixture
async def service(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Service]:
    monkeypatch.setattr("conveyor.kit.database.STATEMENT_TIMEOUT_MS", 300)
    urls = fresh_database("closing")
    service = sample_service(keys_file(tmp_path, ISSUER), database_url=urls.migrator)
    async with service.database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE notes (text text NOT NULL)"))
    yield service
    await service.database.close()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling(create_app(service=service, routers=[router]), **ISSUER.bearer()) as client:
        yield client


async def rows(service: Service) -> list[int]:
    async with service.database.reading() as session:
        return [await session.scalar(select(func.count()).select_from(table(name))) or 0 for name in TABLES]


def connections_in_use(service: Service) -> int:
    return int(service.database.engine.pool.checkedout())  # type: ignore[attr-defined] # a QueuePool


def is_generic(answer: httpx2.Response) -> bool:
    return "secret" not in answer.text and answer.headers["content-type"] == "application/problem+json"


async def test_slow_queries_are_cut_and_give_their_connections_back(
    service: Service, client: httpx2.AsyncClient
) -> None:
    answers = await asyncio.gather(*(client.get("/v1/slow") for _ in range(AT_ONCE)))

    assert {answer.status_code for answer in answers} == {503}
    assert all(is_generic(answer) and int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert connections_in_use(service) == 0
    assert (await client.post("/v1/notes")).status_code == 201


@pytest.mark.parametrize("full", TABLES)
async def test_a_full_disk_leaves_no_half_write(service: Service, client: httpx2.AsyncClient, full: str) -> None:
    async with service.database.engine.begin() as connection:
        await connection.execute(text(FULL_DISK))
        await connection.execute(text(f"CREATE TRIGGER is_full BEFORE INSERT ON {full} EXECUTE FUNCTION is_full()"))
    refused = await client.post("/v1/notes", headers={"Idempotency-Key": "k"})

    assert refused.status_code == 503
    assert is_generic(refused)
    assert await rows(service) == [0, 0, 0]

    async with service.database.engine.begin() as connection:
        await connection.execute(text(f"DROP TRIGGER is_full ON {full}"))
    assert (await client.post("/v1/notes", headers={"Idempotency-Key": "k"})).status_code == 201
    assert await rows(service) == [1, 1, 1]
