"""Sources of payment kinds on a bus at work, and a stand-in for their APIs on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from conveyor.contracts.outside import PaymentReceived, PaymentRefunded
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from handoff_bus.fetching.client import ApiClient
from handoff_bus.fetching.fetch_back import FetchBack
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.payments.provider_notices import SECRET

Json = dict[str, Any]
Answer = tuple[int, Any]


@dataclass
class Api:
    """Answers `GET /…` and `POST /…` by path; what was asked is kept."""

    url: str = ""
    answers: dict[str, Answer | Callable[[Json], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@asynccontextmanager
async def api_at_work() -> AsyncIterator[Api]:
    """An HTTP/1.1 server on loopback with recorded shapes; it closes each connection."""
    api = Api()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        path = head[0].split(" ")[1]
        api.asked.append((path, headers, body))
        answer = api.answers.get(path, (404, {"code": "not_found"}))
        status, content = answer(json.loads(body or b"{}")) if callable(answer) else answer
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        extra = "location: http://127.0.0.1:1/\r\n" if 300 <= status < 400 else ""
        writer.write(
            f"HTTP/1.1 {status} X\r\ncontent-length: {len(raw)}\r\n{extra}connection: close\r\n\r\n".encode() + raw
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield api


async def open_source(bus: BusAtWork, kind: str, **settings: Any) -> Json:
    """A source named like its kind, with the common secret."""
    return await bus.made("/sources", {"name": kind, "kind": kind, "settings": {"secret": SECRET, **settings}})


async def know_lead(bus: BusAtWork, *names: tuple[str, str]) -> Any:
    """A lead that is known by these names."""
    lead_id = new_id()
    references = [Reference(system=system, value=value) for system, value in names]
    await bus.hear(*(ReferenceAssigned(lead_id=lead_id, reference=reference) for reference in references))
    return lead_id


async def post(bus: BusAtWork, kind: str, body: bytes, *, query: str = "", **headers: str) -> Any:
    """A webhook as its provider sends it; the answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if "content-type" not in named:
        named["content-type"] = "application/json" if body[:1] == b"{" else "application/x-www-form-urlencoded"
    return await bus.http.post(f"/v1/webhooks/{kind}{query}", content=body, headers=named)


async def money_in(bus: BusAtWork) -> list[tuple[str, str]]:
    """Payments said: id and amount."""
    return [(fact.payment_id, fact.amount.amount) for fact in await bus.said(PaymentReceived)]


async def money_out(bus: BusAtWork) -> list[tuple[str, str]]:
    """Refunds said: payment id and amount."""
    return [(fact.payment_id, fact.amount.amount) for fact in await bus.said(PaymentRefunded)]


@asynccontextmanager
async def fetcher_of(bus: BusAtWork, *, private_allowed: bool = True) -> AsyncIterator[FetchBack]:
    """The fetch-back worker with its own client and the middle of every jitter; the test's API is on loopback."""
    parts = bus.service.background[0]
    sources = next(worker for worker in bus.service.background if isinstance(worker, FetchBack))._sources
    client = partial(ApiClient, private_allowed=private_allowed)
    fetcher = FetchBack(bus.database, sources, parts, client=client, jitter=lambda: 0.5)  # type: ignore[arg-type] # the intake
    async with fetcher.at_work():
        yield fetcher
