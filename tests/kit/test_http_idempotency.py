"""Idempotency-Key through the application and the real database: one effect, one answer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated
from uuid import UUID

import httpx2
import pytest
from fastapi import APIRouter, Depends, Request
from sqlalchemy import text

from conveyor.contracts.personal import Erased
from conveyor.contracts.values import Text
from conveyor.kit.http.app import create_app
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.idempotency import required_idempotency_key
from conveyor.kit.http.models import AnswerModel, RequestModel
from conveyor.kit.http.problems import Problem
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.erased import scrub_messages
from conveyor.kit.refusals import Refusal
from conveyor.kit.service import Service
from tests.kit.sample_app import Issuer, calling, keys_file, sample_service
from tests.servers import FreshDatabase

router = APIRouter(tags=["notes"])


class NotePointless(Refusal):
    """Nothing was said."""


class NoteIn(RequestModel):
    text: Text


class NoteOut(AnswerModel):
    id: UUID
    text: str


@router.post("/notes", status_code=201)
async def record_note(
    request: Request, note: NoteIn, _: Annotated[Principal, Depends(allow("ae", "payroll"))]
) -> NoteOut:
    service: Service = request.app.state.service
    async with service.database.transaction() as tx:
        if note.text == "pointless":
            raise NotePointless
        view = NoteOut(id=new_id(), text=note.text)
        row = {"id": view.id, "text": note.text}
        await tx.session.execute(text("INSERT INTO notes (id, text) VALUES (:id, :text)"), row)
        return await tx.commit(view)


@router.post("/silent", status_code=204, dependencies=[Depends(required_idempotency_key)])
async def say_nothing(request: Request, _: Annotated[Principal, Depends(allow("ae"))]) -> None:
    service: Service = request.app.state.service
    async with service.database.transaction() as tx:
        await tx.session.execute(text("INSERT INTO notes (id, text) VALUES (gen_random_uuid(), 'silent')"))
        await tx.commit()


@pytest.fixture
async def service(fresh_database: FreshDatabase, issuer: Issuer, tmp_path: Path) -> AsyncIterator[Service]:
    urls = fresh_database("closing")
    service = sample_service(keys_file(tmp_path, issuer), database_url=urls.migrator)
    async with service.database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE notes (id uuid PRIMARY KEY, text text NOT NULL)"))
    yield service
    await service.database.close()


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def client(service: Service, issuer: Issuer) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling(create_app(service=service, routers=[router]), **issuer.bearer()) as client:
        yield client


async def notes(service: Service) -> int:
    async with service.database.reading() as session:
        return int((await session.execute(text("SELECT count(*) FROM notes"))).scalar_one())


async def test_the_same_request_gets_the_same_answer_and_one_effect(
    client: httpx2.AsyncClient, service: Service
) -> None:
    key = {"Idempotency-Key": "note-1"}

    first = await client.post("/v1/notes", json={"text": "a"}, headers=key)
    again = await client.post("/v1/notes", json={"text": "a"}, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == "application/json"
    assert "idempotency-replayed" not in first.headers
    assert await notes(service) == 1


async def test_twenty_at_once_have_one_effect(client: httpx2.AsyncClient, service: Service) -> None:
    key = {"Idempotency-Key": "note-1"}

    answers = await asyncio.gather(*[client.post("/v1/notes", json={"text": "a"}, headers=key) for _ in range(20)])

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 19
    assert await notes(service) == 1


async def test_another_request_under_the_key_is_refused(client: httpx2.AsyncClient, service: Service) -> None:
    key = {"Idempotency-Key": "note-1"}
    await client.post("/v1/notes", json={"text": "a"}, headers=key)

    for address, body in (("/v1/notes", {"text": "b"}), ("/v1/notes?x=1", {"text": "a"})):
        answer = await client.post(address, json=body, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert await notes(service) == 1


async def test_a_key_belongs_to_its_caller(client: httpx2.AsyncClient, service: Service, issuer: Issuer) -> None:
    body = {"text": "a"}
    first = await client.post("/v1/notes", json=body, headers={"Idempotency-Key": "k"})
    for claims in ({"sub": "another"}, {"role": "payroll"}):
        headers = {"Idempotency-Key": "k", **issuer.bearer(**claims)}
        other = await client.post("/v1/notes", json=body, headers=headers)
        assert other.status_code == 201
        assert other.json()["id"] != first.json()["id"]
    assert await notes(service) == 3


async def test_an_answer_that_was_erased_is_a_declared_problem(client: httpx2.AsyncClient, service: Service) -> None:
    key = {"Idempotency-Key": "k"}
    first = await client.post("/v1/notes", json={"text": "a"}, headers=key)
    async with service.database.transaction() as tx:
        await scrub_messages(tx.session, key=first.json()["id"], erased=Erased("erased-1"), purged=None)
        await tx.commit()

    again = await client.post("/v1/notes", json={"text": "a"}, headers=key)

    assert (again.status_code, again.json()["code"]) == (410, "erased")
    assert again.headers["content-type"] == "application/problem+json"
    assert again.json().keys() >= Problem.model_fields.keys()
    document = (await client.get("/openapi.json")).json()
    assert "410" in document["paths"]["/v1/notes"]["post"]["responses"]


async def test_a_refusal_is_not_remembered(client: httpx2.AsyncClient, service: Service) -> None:
    key = {"Idempotency-Key": "k"}

    for _ in range(2):
        answer = await client.post("/v1/notes", json={"text": "pointless"}, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (409, "note-pointless")
    assert (await client.post("/v1/notes", json={"text": 7}, headers=key)).status_code == 422
    assert (await client.post("/v1/notes", json={"text": "a"}, headers=key)).status_code == 201
    assert await notes(service) == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ключ", "a\x7fb"])
async def test_a_malformed_key_is_422(client: httpx2.AsyncClient, service: Service, key: str) -> None:
    headers = [(b"idempotency-key", key.encode()), (b"content-type", b"application/json")]
    answer = await client.post("/v1/notes", content=b'{"text": "a"}', headers=headers)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/Idempotency-Key")
    assert await notes(service) == 0


async def test_a_required_key_is_asked_for_and_an_empty_answer_replayed(
    client: httpx2.AsyncClient, service: Service
) -> None:
    missing = await client.post("/v1/silent")
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency-key-required")

    for _ in range(2):
        answer = await client.post("/v1/silent", headers={"Idempotency-Key": "x" * 255})
        assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["idempotency-replayed"] == "true"
    assert await notes(service) == 1


async def test_a_replay_needs_a_token_too(client: httpx2.AsyncClient) -> None:
    await client.post("/v1/notes", json={"text": "a"}, headers={"Idempotency-Key": "k"})

    headers = {"Idempotency-Key": "k", "Authorization": "Bearer x"}
    assert (await client.post("/v1/notes", json={"text": "a"}, headers=headers)).status_code == 401


async def test_without_a_database_the_answer_is_503(issuer: Issuer, tmp_path: Path) -> None:
    app = create_app(service=sample_service(keys_file(tmp_path, issuer)), routers=[router])
    async with calling(app, **issuer.bearer()) as client:
        answer = await client.post("/v1/notes", json={"text": "a"})

    assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
    assert answer.headers["retry-after"] == "1"
