"""SQL in every string of every request: it is data, it takes no time, and nothing is gone afterwards."""

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import httpx2
import pytest

from tests.security.access_table import SERVICES, Operation
from tests.security.caller import Caller, Who
from tests.security.calls import CALLS
from tests.security.test_access import guarded
from tests.security.world import World

META = (
    "' OR '1'='1",
    "'; SELECT pg_sleep(20); --",
    '" OR pg_sleep(20) IS NULL --',
    "$$; DROP TABLE outbox_log; --",
    "%_\\",
    "1) UNION SELECT version() --",
)
# Far less than what is slept where one of them is run.
SECONDS_MAX = 15
TOLD_BY_THE_SERVER = ("PostgreSQL", "syntax error", "asyncpg", "sqlalchemy", "pg_sleep")


@pytest.fixture(params=SERVICES)
async def caller(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Caller]:
    service: str = request.param
    url = world.stack.base_url(service)
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        yield Caller(world, service, client)


async def tables(world: World, service: str) -> set[str]:
    connection = await asyncpg.connect(world.stack.database_urls(service).app)
    try:
        return {row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    finally:
        await connection.close()


def parameters_of(operation: Operation) -> Iterator[str]:
    """Names of what may stand in the query, and some that no operation knows, as of a sort order."""
    told = operation.described.get("parameters", ())
    yield from (one["name"] for one in told if one["in"] == "query")
    yield from ("sort", "order_by")


def strings_in(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all strings in a body."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from strings_in(value, (*at, name))
    elif isinstance(body, list):
        for number, value in enumerate(body):
            yield from strings_in(value, (*at, number))
    elif isinstance(body, str):
        yield at


def with_text(body: Any, at: tuple[Any, ...], told: str) -> Any:
    """The body with another string in that place."""
    if not at:
        return told
    changed: Any = dict(body) if isinstance(body, dict) else list(body)
    changed[at[0]] = with_text(body[at[0]], at[1:], told)
    return changed


def wrong(asked: str, answer: httpx2.Response, begun: float) -> Iterator[str]:
    """What an answer shows of a statement that was not only data."""
    if answer.status_code >= 500 or time.monotonic() - begun > SECONDS_MAX:
        yield f"{asked}: {answer.status_code} after {time.monotonic() - begun:.0f} s"
    if answer.status_code >= 400 and any(word in answer.text for word in TOLD_BY_THE_SERVER):
        yield f"{asked}: {answer.text[:300]}"


@pytest.mark.timeout(300)
async def test_in_queries_and_paths(caller: Caller) -> None:
    before, found, asked = await tables(caller.world, caller.service), list[str](), 0
    for operation in guarded(caller.service):
        if not operation.name.startswith("GET"):
            continue
        for name in parameters_of(operation):
            for meta in META:
                begun, asked = time.monotonic(), asked + 1
                answer = await caller.call(operation, Who("admin"), query={name: meta})
                found += wrong(f"{operation.name} {name}={meta}", answer, begun)
        answer = await caller.call(operation, Who("admin"), unknown=META[0])
        found += wrong(f"{operation.name} with {META[0]}", answer, time.monotonic())

    assert not found, "\n".join(found)
    assert asked > 100
    assert await tables(caller.world, caller.service) == before


@pytest.mark.timeout(300)
async def test_in_bodies(caller: Caller) -> None:
    before, found, asked = await tables(caller.world, caller.service), list[str](), 0
    for operation in guarded(caller.service):
        call = CALLS[caller.service].get(operation.name)
        if call is None or call.body is None or operation.roles is None:
            continue
        role = "admin" if "admin" in operation.roles else min(operation.roles)
        who = Who(role, caller.world.owners.get(role))
        for place in strings_in(call.body):
            for meta in META:
                begun, asked = time.monotonic(), asked + 1
                answer = await caller.call(operation, who, body=with_text(call.body, place, meta))
                found += wrong(f"{operation.name} {place}={meta}", answer, begun)

    assert not found, "\n".join(found)
    assert asked > 20
    assert await tables(caller.world, caller.service) == before
