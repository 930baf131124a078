"""The database goes away and comes back: deliveries are answered 503, then taken again without a restart."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from conveyor.contracts.outside import PaymentReceived
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from tests.handoff_bus.bus_at_work import BusAtWork, bus_at_work, until
from tests.handoff_bus.events import payment
from tests.servers import FreshDatabase


class Wire:
    """A TCP connection to the database that can be cut and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._open: set[asyncio.StreamWriter] = set()
        self._piping: set[asyncio.Task[None]] = set()
        self._is_cut = False
        self.port = 0

    async def lay(self) -> asyncio.Server:
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def cut(self) -> None:
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        self._is_cut = False

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._open |= {writer, far_writer}
        self._piping |= {
            asyncio.create_task(_pipe(reader, far_writer)),
            asyncio.create_task(_pipe(far_reader, writer)),
        }


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()


@pytest.fixture
async def wired(fresh_database: FreshDatabase) -> AsyncIterator[tuple[BusAtWork, Wire]]:
    url = fresh_database("handoff-bus").app
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    wire = Wire(parts.hostname, parts.port)
    server = await wire.lay()
    through = url.replace(f"{parts.hostname}:{parts.port}", f"127.0.0.1:{wire.port}")
    async with bus_at_work(through) as bus:
        yield bus, wire
    server.close()
    wire.cut()


async def test_503_while_the_database_is_away_then_recovery(wired: tuple[BusAtWork, Wire]) -> None:
    bus, wire = wired
    before = await bus.push(payment("P1"), webhook_id="w1")
    assert before.status_code == 202

    wire.cut()
    away = await asyncio.gather(*(bus.push(payment(f"P{n}"), webhook_id=f"w{n}") for n in range(2, 12)))
    assert {response.status_code for response in away} == {503}
    assert all(response.headers["retry-after"] for response in away)
    assert away[0].headers["content-type"] == "application/problem+json"

    wire.mend()

    async def taken() -> bool:
        return (await bus.push(payment("P2"), webhook_id="w2")).status_code != 503

    await until(taken)
    assert (await bus.push(payment("P2"), webhook_id="w2")).status_code == 200
    assert (await bus.push(payment("P1"), webhook_id="w1")).json() == before.json()


async def test_the_settler_goes_on_after_an_outage(wired: tuple[BusAtWork, Wire]) -> None:
    bus, wire = wired
    await bus.hear(ReferenceAssigned(lead_id=new_id(), reference=Reference(system="contract", value="C-17")))
    await bus.push(payment("P1"))
    stop = asyncio.Event()
    wire.cut()
    running = asyncio.create_task(bus.settler.run(stop))
    await asyncio.sleep(0)
    wire.mend()
    await until(lambda: bus.said(PaymentReceived))
    stop.set()
    await asyncio.wait_for(running, 5)
