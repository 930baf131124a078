"""Pages by keyset over a real table: everything once, in order, whatever the page size and what is added meanwhile."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import httpx2
import pytest
from fastapi import APIRouter, Query, Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, String, Table, Uuid, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from conveyor.kit.http.app import create_app
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import CursorMismatch, InvalidCursor, Page, PageQuery, PageRequest, page_of
from conveyor.kit.ids import new_id
from conveyor.kit.service import Service
from tests.kit.sample_app import Issuer, calling, keys_file, sample_service
from tests.servers import FreshDatabase

parts = Table(
    "paged_parts",
    MetaData(),
    Column("part_id", Uuid, primary_key=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("name", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("weight", BigInteger, nullable=False),
)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
router = APIRouter(tags=["parts"])


class PartOut(AnswerModel):
    part_id: UUID
    name: str


@router.get("/parts")
async def list_parts(request: Request, page: PageQuery, name: Annotated[str | None, Query()] = None) -> Page[PartOut]:
    service: Service = request.app.state.service
    found = select(parts.c.part_id, parts.c.name)
    if name is not None:
        found = found.where(parts.c.name == name)
    async with service.database.reading() as session:
        rows, next_cursor = await page_of(session, found, key=(parts.c.made_at, parts.c.part_id), page=page)
    return Page(items=[PartOut.model_validate(row) for row in rows], next_cursor=next_cursor)


@pytest.fixture
async def service(empty_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Service]:
    urls = empty_database("closing")
    owner: AsyncEngine = create_async_engine(urls.migrator.replace("postgresql://", "postgresql+asyncpg://"))
    async with owner.begin() as connection:
        await connection.run_sync(parts.metadata.create_all)
    await owner.dispose()
    service = sample_service(keys_file(tmp_path, Issuer()), database_url=urls.app)
    yield service
    await service.database.close()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling(create_app(service=service, routers=[router])) as client:
        yield client


async def fill(service: Service, moments: list[int]) -> None:
    async with service.database.engine.begin() as connection:
        await connection.execute(parts.delete())
        rows = [
            {
                "part_id": new_id(),
                "made_at": BEGIN + timedelta(microseconds=moment),
                "name": f"n{number % 3}",
                "size": moment,
                "weight": -moment,
            }
            for number, moment in enumerate(moments)
        ]
        if rows:
            await connection.execute(insert(parts), rows)


async def walk(client: httpx2.AsyncClient, **query: str | int) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor: dict[str, str] = {}
    while len(pages) < 1000:
        answer = await client.get("/v1/parts", params={**query, **cursor})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        pages.append([item["part_id"] for item in body["items"]])
        if body["next_cursor"] is None:
            return pages
        cursor = {"cursor": body["next_cursor"]}
    pytest.fail("the list never ends")


@given(moments=st.lists(st.integers(0, 5), max_size=30), limit=st.integers(1, 12))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_pages_show_everything_once_in_order(
    service: Service, client: httpx2.AsyncClient, moments: list[int], limit: int
) -> None:
    await fill(service, moments)

    pages = await walk(client, limit=limit)

    async with service.database.reading() as session:
        whole = (await session.execute(select(parts.c.part_id).order_by(parts.c.made_at, parts.c.part_id))).scalars()
        assert [part for page in pages for part in page] == [str(part) for part in whole]
    assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.parametrize(
    "columns", [("size", "part_id"), ("weight", "name", "part_id"), ("name", "made_at", "part_id")]
)
async def test_any_total_order_of_columns_is_a_key(service: Service, columns: tuple[str, ...]) -> None:
    await fill(service, [*range(10)])
    key = [parts.c[name] for name in columns]
    seen: list[UUID] = []
    page = PageRequest(limit=3)
    async with service.database.reading() as session:
        while True:
            found, cursor = await page_of(session, select(parts.c.part_id), key=key, page=page)
            seen += found
            if cursor is None:
                break
            page = PageRequest(limit=3, cursor=cursor)
        whole = [*(await session.execute(select(parts.c.part_id).order_by(*key))).scalars()]

    assert seen == whole


@given(moments=st.lists(st.integers(0, 5), max_size=30), limit=st.integers(1, 12))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_looks_show_what_meets_one_of_them_once_in_order(
    service: Service, moments: list[int], limit: int
) -> None:
    await fill(service, moments)
    key = (parts.c.made_at, parts.c.part_id)
    looks = [parts.c.name == "n0", parts.c.size < 2, parts.c.size == 4]  # the first two overlap
    stmt = select(parts.c.part_id).where(parts.c.size != 1)
    seen: list[UUID] = []
    page = PageRequest(limit=limit)
    async with service.database.reading() as session:
        while True:
            found, cursor = await page_of(session, stmt, key=key, page=page, looks=looks)
            seen += found
            if cursor is None:
                break
            page = PageRequest(limit=limit, cursor=cursor)
        whole = [*(await session.execute(stmt.where(or_(*looks)).order_by(*key))).scalars()]

    assert seen == whole


async def test_what_is_added_behind_or_ahead_of_a_cursor_disturbs_no_one(
    service: Service, client: httpx2.AsyncClient
) -> None:
    await fill(service, [10, 20, 30, 40])
    first = (await client.get("/v1/parts", params={"limit": 2})).json()

    async with service.database.engine.begin() as connection:
        for moment in (5, 35):
            row = {"part_id": new_id(), "made_at": BEGIN + timedelta(microseconds=moment), "name": "late"}
            await connection.execute(insert(parts).values(size=0, weight=0, **row))
    rest = (await client.get("/v1/parts", params={"limit": 200, "cursor": first["next_cursor"]})).json()

    assert len(rest["items"]) == 3
    assert not {item["part_id"] for item in first["items"]} & {item["part_id"] for item in rest["items"]}


async def test_limits_are_bounded(service: Service, client: httpx2.AsyncClient) -> None:
    await fill(service, [*range(230)])

    assert [len(page) for page in await walk(client)] == [50, 50, 50, 50, 30]
    for limit in (200, 201, 10**6, 10**30):
        assert len((await client.get("/v1/parts", params={"limit": limit})).json()["items"]) == 200
    for wrong in ("0", "-1", "x", "1.5", ""):
        answer = await client.get("/v1/parts", params={"limit": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/limit")


async def test_a_cursor_taken_to_other_filters_is_refused(service: Service, client: httpx2.AsyncClient) -> None:
    await fill(service, [*range(9)])
    cursor = (await client.get("/v1/parts", params={"limit": 1, "name": "n0"})).json()["next_cursor"]

    for query in ({}, {"name": "n1"}, {"name": "n0", "state": "x"}):
        answer = await client.get("/v1/parts", params={**query, "cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, CursorMismatch().code)
    assert (await client.get("/v1/parts", params={"limit": 5, "name": "n0", "cursor": cursor})).status_code == 200


async def test_a_forged_cursor_is_400(service: Service, client: httpx2.AsyncClient) -> None:
    await fill(service, [*range(3)])
    good = (await client.get("/v1/parts", params={"limit": 1})).json()["next_cursor"]
    hash_, moment, part = json.loads(base64.urlsafe_b64decode(good + "=="))
    forge: Callable[[object], str] = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode()  # noqa: E731 - one line of test data
    forged = [
        *(
            "x",
            "%%%",
            "é",
            "AAAA",
            good[:-3],
            good + "A",
            "a" * 1999,
            forge({}),
            forge(None),
            forge([]),
            forge([hash_]),
        ),
        *(forge([hash_, moment]), forge([hash_, moment, part, part]), forge([hash_, part, moment])),
        *(forge([hash_, moment, 7]), forge([hash_, "0001-01-01T00:00:00", part]), forge([hash_, moment, "x'; --"])),
        *(forge([hash_, None, None]), forge([7, moment, part]), forge([hash_, [moment], part]), forge([[[]]] * 3)),
        base64.urlsafe_b64encode(b"[" * 1400).decode(),
    ]

    for cursor in forged:
        answer = await client.get("/v1/parts", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, InvalidCursor().code), cursor
    assert (await client.get("/v1/parts", params={"cursor": "a" * 4001})).status_code == 422


@pytest.mark.parametrize("value", [2**31, 2**62, -(2**70), True, 1.5, "1", "\x00", "\ud800"])
async def test_a_forged_key_never_reaches_the_driver_as_a_mistake_of_ours(service: Service, value: object) -> None:
    await fill(service, [*range(3)])
    text = json.dumps(["", value])
    page = PageRequest(cursor=base64.urlsafe_b64encode(text.encode()).decode())

    with pytest.raises(InvalidCursor):
        async with service.database.reading() as session:
            await page_of(session, select(parts), key=[parts.c.size], page=page)
