"""Sends prepared deliveries of one kind: `python -m bench.kind_load`, started by `child.told_by`."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.child import tell
from bench.load import Connection
from bench.senders.every_kind import SENDERS
from bench.senders.sending import Order
from conveyor.kit.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Volley:
    """At most `number` deliveries of `kind`, each about another thing, for `seconds`, to `path`."""

    kind: str
    port: int
    path: str
    first: int
    number: int
    connections: int
    seconds: float


@dataclass(slots=True)
class Hits:
    """What came of it; `slowest` is the 99th percentile in seconds."""

    answered: int
    refused: int
    seconds: float
    slowest: float


def prepared(volley: Volley) -> list[bytes]:
    """Whole requests, signed before the clock runs."""
    sender, at, url = SENDERS[volley.kind], SystemClock().now(), f"http://127.0.0.1:{volley.port}{volley.path}"
    requests = []
    for number in range(volley.first, volley.first + volley.number):
        sent = sender.send(Order(secret=sender.secrets[0], number=number, at=at, url=url))
        path = f"{volley.path}?{sent.query}" if sent.query else volley.path
        head = [f"POST {path} HTTP/1.1", f"host: 127.0.0.1:{volley.port}", f"content-length: {len(sent.body)}"]
        head += [f"{name}: {value}" for name, value in sent.headers.items()]
        requests.append("\r\n".join([*head, "", ""]).encode() + sent.body)
    return requests


async def fire(volley: Volley) -> Hits:
    """Each connection has one request on its way."""
    loop, requests = asyncio.get_running_loop(), iter(prepared(volley))
    latencies: list[float] = []
    refused = 0
    begins = time.perf_counter()

    async def work() -> None:
        nonlocal refused
        _, connection = await loop.create_connection(Connection, "127.0.0.1", volley.port)
        for request in _turns(requests, until=begins + volley.seconds):
            since = time.perf_counter()
            refused += await connection.ask(request) >= 300
            latencies.append(time.perf_counter() - since)

    await asyncio.gather(*(work() for _ in range(volley.connections)))
    seconds = time.perf_counter() - begins
    slowest = sorted(latencies)[int(len(latencies) * 0.99)]
    return Hits(len(latencies), refused, seconds, slowest)


def _turns(requests: Iterator[bytes], *, until: float) -> Iterator[bytes]:
    for request in requests:
        if time.perf_counter() > until:
            return
        yield request


if __name__ == "__main__":
    tell(Volley, fire)
