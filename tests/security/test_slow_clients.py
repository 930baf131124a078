"""Whoever sends or reads drop by drop holds his own connection and nothing else: the others are answered meanwhile."""

import asyncio
import contextlib
import hashlib
import json
import socket
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest

from conveyor.kit.settings import ServiceSettings
from conveyor_local.department import signed_headers
from conveyor_local.golden_quarter import moscow, payment
from tests.security.world import CLOSED, World

# Twice as many as a service has connections to its database.
SLOW = 2 * int(ServiceSettings.model_fields["database_pool_size"].default)
# A request that waits for a connection to the database gives up after ten seconds.
SECONDS_MAX = 8
CHUNK = b"x" * 2**20
CHUNKS = 24
_FILE = """
INSERT INTO bonus_payout_files (batch_id, form, sha256, size_bytes, chunks) VALUES ($1, 'jsonl', $2, $3, $4)
"""
_CHUNK = "INSERT INTO bonus_payout_file_chunks (batch_id, form, chunk_no, content) VALUES ($1, 'jsonl', $2, $3)"


@contextlib.asynccontextmanager
async def knocking(url: str, head: str, *, buffer_bytes: int | None = None) -> AsyncIterator[asyncio.StreamReader]:
    """A connection that has sent this much and waits; it takes no more than `buffer_bytes` in advance."""
    parts = urlsplit(url)
    client = socket.socket()
    if buffer_bytes is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, (parts.hostname, parts.port))
    reader, writer = await asyncio.open_connection(sock=client, limit=buffer_bytes or 2**16)
    writer.write(head.encode())
    await writer.drain()
    try:
        yield reader
    finally:
        writer.close()


async def answered(world: World, service: str) -> list[tuple[int, bool]]:
    """What others are answered, in three reads of the database at once, and whether in time."""
    async with httpx2.AsyncClient(base_url=world.stack.base_url(service), trust_env=False, timeout=60) as client:
        begun = time.monotonic()
        paths = ("/v1/handoffs?limit=1", "/v1/messages/dead-letters", "/v1/personal-data-reads?limit=1")
        told = await asyncio.gather(*(client.get(path, headers=world.bearer("auditor")) for path in paths))
        return [(answer.status_code, time.monotonic() - begun < SECONDS_MAX) for answer in told]


@pytest.mark.parametrize(
    ("service", "path"),
    [("handoff-bus", "/v1/webhooks/bank"), ("telemarketing", "/v1/leads"), ("closing", "/v1/payout-holds")],
)
async def test_a_body_that_never_ends(world: World, service: str, path: str) -> None:
    url = world.stack.base_url(service)
    body = json.dumps(payment("slow", moscow(12, 3, 10), "1.00", contract="C-0").event).encode()
    proof = signed_headers(world.secrets["bank"], webhook_id="slow", body=body)
    sent = {
        **world.bearer("admin"),
        **proof,
        "Host": "slow",
        "Content-Type": "application/json",
        "Content-Length": "1000",
    }
    head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in sent.items()) + "\r\n{"
    async with contextlib.AsyncExitStack() as held:
        for _ in range(SLOW):
            await held.enter_async_context(knocking(url, head))
        assert await answered(world, service) == [(200, True)] * 3
        if service == "handoff-bus":
            async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
                assert (await client.post(url + path, content=body, headers=proof)).status_code == 202


async def test_a_reader_who_stops_in_the_middle_of_an_export(world: World) -> None:
    batch_id, url = f"closing-{CLOSED}-1", world.stack.base_url("closing")
    await put_long_file(world, batch_id)
    token = world.bearer("payroll")["Authorization"]
    path = f"/v1/payout-batches/{batch_id}/export?format=jsonl"
    head = f"GET {path} HTTP/1.1\r\nHost: slow\r\nAuthorization: {token}\r\n\r\n"
    async with contextlib.AsyncExitStack() as held:
        readers = [await held.enter_async_context(knocking(url, head, buffer_bytes=4096)) for _ in range(SLOW)]
        for reader in readers:
            assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        assert await answered(world, "closing") == [(200, True)] * 3
        digest = hashlib.sha256()
        for _ in range(CHUNKS):
            digest.update(await readers[0].readexactly(len(CHUNK)))
    assert digest.digest() == hashlib.sha256(CHUNK * CHUNKS).digest()


async def put_long_file(world: World, batch_id: str) -> None:
    """A form that nobody has asked for yet, far longer than what the sockets of both sides take."""
    connection = await asyncpg.connect(world.stack.database_urls("closing").app)
    whole = hashlib.sha256(CHUNK * CHUNKS).hexdigest()
    async with connection.transaction():
        await connection.execute(_FILE, batch_id, whole, len(CHUNK) * CHUNKS, CHUNKS)
        await connection.executemany(_CHUNK, [(batch_id, number, CHUNK) for number in range(1, CHUNKS + 1)])
    await connection.close()
