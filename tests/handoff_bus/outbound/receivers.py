"""Receivers on loopback that keep what they get, and the workers that send to them, one round at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from conveyor.contracts.outside import PaymentReceived
from conveyor.contracts.values import PositiveMoney, Reference
from conveyor.kit.ids import new_id
from handoff_bus.dispatches.sender import DispatchSender
from handoff_bus.outbound.client import OutboundClient
from handoff_bus.outbound.transport import Resolve
from tests.handoff_bus.bus_at_work import NOW, BusAtWork

Json = dict[str, Any]


@dataclass(frozen=True)
class Received:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answering:
    """How a receiver answers; `gate` holds its answers back until it is set."""

    status: int = 200
    body: bytes = b"thanks"
    headers: dict[str, str] = field(default_factory=dict)
    gate: asyncio.Event | None = None


@dataclass
class Receiver:
    """Answers every request as `answering` says, or as it is computed from the request."""

    url: str = ""
    answering: Answering | Callable[[Received], Answering] = field(default_factory=Answering)
    received: list[Received] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """The `webhook-id` of each request."""
        return [each.headers["webhook-id"] for each in self.received]


@asynccontextmanager
async def receiver_at_work() -> AsyncIterator[Receiver]:
    """An HTTP/1.1 server on loopback; it closes each connection."""
    receiver = Receiver()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            method, path, _ = head[0].split(" ")
            request = Received(method, path, headers, body)
            receiver.received.append(request)
            answer = receiver.answering(request) if callable(receiver.answering) else receiver.answering
            if answer.gate is not None:
                await answer.gate.wait()
            extra = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
            start = (
                f"HTTP/1.1 {answer.status} X\r\ncontent-length: {len(answer.body)}\r\n{extra}connection: close\r\n\r\n"
            )
            writer.write(start.encode() + answer.body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the caller had enough
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield receiver


def payment(payment_id: str = "P1") -> PaymentReceived:
    """A payment of 1000.00 RUB."""
    return PaymentReceived(
        payment_id=payment_id,
        source="bank",
        lead_id=new_id(),
        paid_at=NOW,
        amount=PositiveMoney(amount="1000.00", currency="RUB"),
        reference=Reference(system="contract", value="C-17"),
        delivery_id=new_id(),
    )


async def subscribe(bus: BusAtWork, url: str, *fact_types: str) -> Json:
    """A subscription to payments, or to what is named."""
    return await bus.made("/subscriptions", {"url": url, "fact_types": fact_types or ["payment_received.v1"]})


def sender_of(bus: BusAtWork, *, resolve: Resolve | None = None, private_allowed: bool = True) -> DispatchSender:
    """A sender with the middle of every jitter."""
    return DispatchSender(
        bus.database,
        client=lambda: OutboundClient(private_allowed=private_allowed, resolve=resolve),
        wake=asyncio.Event(),
        jitter=lambda: 0.5,
    )


async def dispatches(bus: BusAtWork, query: str = "") -> list[Json]:
    """The log."""
    page = await bus.read(f"/dispatches?{query}", who="admin")
    items: list[Json] = page["items"]
    return items


async def states(bus: BusAtWork) -> list[str]:
    """The state of each dispatch, in the order in which they were written."""
    return [each["state"] for each in await dispatches(bus)]
