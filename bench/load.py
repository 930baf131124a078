"""A load generator in a process of its own: `python -m bench.load`, started by `child.told_by`.

Each connection has one request on its way; the client below reads just enough of HTTP/1.1 not to be what is measured.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from bench.child import tell
from conveyor.kit.clock import SystemClock

ANSWER_SECONDS_MAX = 20.0


@dataclass(frozen=True, slots=True)
class Spec:
    """Post payments to `path` for `seconds` or until `number` are sent, `per_second` (0: as fast as it goes).

    Payment ids are `<prefix><n>`; payment n goes to contract n modulo their number. Each round over the contracts is
    paid at the next of the instants.
    """

    port: int
    path: str
    contracts: Sequence[str]
    prefix: str
    connections: int = 32
    seconds: float = 10.0
    number: int = 1_000_000
    per_second: float = 0.0
    secret: str = ""
    paid_at: Sequence[str] = ("2025-12-15T12:00:00+03:00",)
    begins_at: int = 0
    """So many payments were told before: contracts and dates go on from there."""


@dataclass(slots=True)
class Measured:
    """What came of it. `sent`: when the request of each payment id began, by `time.perf_counter`.

    All processes of one machine share that clock.
    """

    seconds: float
    answered: int
    refused: int
    latencies: list[float]
    sent: dict[str, float]


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request on its way."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] | None = None
        self._come = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        # uvloop's transports do not inherit from asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Head and body of one answer complete it."""
        self._come += data
        head, found, body = self._come.partition(b"\r\n\r\n")
        if not found:
            return
        lowered = head.lower()
        place = lowered.find(b"content-length:")
        length = int(lowered[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(body) >= length and self._answer is not None and not self._answer.done():
            self._come = b""
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits is told."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    def close(self) -> None:
        """No more requests."""
        if self._transport is not None:
            self._transport.close()

    async def ask(self, request: bytes) -> int:
        """The status of the answer."""
        if self._transport is None:
            raise ConnectionResetError
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            return await self._answer


def requests(spec: Spec) -> Iterator[tuple[str, bytes]]:
    """(payment id, whole request), one payment after another."""
    key = base64.b64decode(spec.secret.removeprefix("whsec_"))
    for place in range(spec.number):
        payment_id = f"{spec.prefix}{place}"
        turn, client = divmod(spec.begins_at + place, len(spec.contracts))
        paid_at = spec.paid_at[turn % len(spec.paid_at)]
        data = {
            "payment_id": payment_id,
            "paid_at": paid_at,
            "amount": {"amount": f"{100 + place % 900}.00", "currency": "RUB"},
            "lead": {"system": "contract", "value": spec.contracts[client]},
        }
        event = {"type": "payment.received", "timestamp": paid_at, "data": data}
        body = json.dumps(event, separators=(",", ":")).encode()
        stamp = str(int(SystemClock().now().timestamp()))
        digest = base64.b64encode(
            hmac.new(key, b".".join((payment_id.encode(), stamp.encode(), body)), hashlib.sha256).digest()
        ).decode()
        head = (
            f"POST {spec.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nwebhook-id: {payment_id}\r\nwebhook-timestamp: {stamp}\r\n"
            f"webhook-signature: v1,{digest}\r\n\r\n"
        )
        yield payment_id, head.encode() + body


async def generate(spec: Spec) -> Measured:
    """Send and measure."""
    loop = asyncio.get_running_loop()
    prepared = requests(spec)
    measured = Measured(0.0, 0, 0, [], {})
    begins = time.perf_counter()

    async def work() -> None:
        _, connection = await loop.create_connection(Connection, "127.0.0.1", spec.port)
        for place, (payment_id, request) in enumerate(_turns(prepared), start=1):
            due = begins + (len(measured.sent) / spec.per_second if spec.per_second else 0)
            if due > begins + spec.seconds or time.perf_counter() > begins + spec.seconds:
                break
            measured.sent[payment_id] = 0.0
            if spec.per_second:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            elif place % 64 == 0:
                await asyncio.sleep(0)
            since = time.perf_counter()
            measured.sent[payment_id] = time.perf_counter()
            status = await connection.ask(request)
            measured.latencies.append(time.perf_counter() - since)
            measured.answered += 1
            measured.refused += status >= 300

    await asyncio.gather(*(work() for _ in range(spec.connections)))
    measured.seconds = time.perf_counter() - begins
    return measured


def _turns(prepared: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Several workers draw from the one iterator."""
    yield from prepared


if __name__ == "__main__":
    tell(Spec, generate)
