"""One call to an outside receiver: no redirects, no proxies, short timeouts, an answer of bounded size."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

import httpx2

from handoff_bus.outbound.transport import (
    CONNECT_SECONDS_MAX,
    READ_SECONDS_MAX,
    CallNotAllowed,
    GuardedTransport,
    Resolve,
)

WHOLE_SECONDS_MAX = 20.0
ANSWER_BYTES_MAX = 64 * 1024
RETRY_AFTER_SECONDS_MAX = 24 * 3600
USER_AGENT = "Conveyor/1"

Trouble = Literal["timeout", "unreachable", "not_allowed"]


class Unanswered(Exception):
    """There is no answer; `trouble` is a stable code, the words hold no secret."""

    def __init__(self, trouble: Trouble, words: str) -> None:
        super().__init__(words)
        self.trouble = trouble
        self.words = words


@dataclass(frozen=True, slots=True)
class Call:
    """What to send."""

    method: Literal["POST", "PATCH"]
    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; of a body above `ANSWER_BYTES_MAX` only its beginning."""

    status: int
    body: bytes
    retry_after_seconds: int | None = None

    @property
    def is_good(self) -> bool:
        """Whether the receiver took it; a redirect is a refusal."""
        return 200 <= self.status < 300

    def excerpt(self, length_max: int) -> str:
        """The beginning of the body as text that a database can keep."""
        return self.body[: length_max * 4].decode("utf-8", "replace").replace("\x00", "�")[:length_max]


class OutboundClient:
    """Makes calls; one per process. `private_allowed` lets it call loopback and private addresses, and plain http."""

    def __init__(self, *, private_allowed: bool, resolve: Resolve | None = None) -> None:
        self._client = httpx2.AsyncClient(
            transport=GuardedTransport(private_allowed=private_allowed, resolve=resolve),
            timeout=httpx2.Timeout(READ_SECONDS_MAX, connect=CONNECT_SECONDS_MAX),
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": USER_AGENT, "accept-encoding": "identity"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def send(self, call: Call) -> Answer:
        """The answer, whatever its status. Raises Unanswered."""
        try:
            async with asyncio.timeout(WHOLE_SECONDS_MAX):
                return await self._send(call)
        except CallNotAllowed as refused:
            raise Unanswered("not_allowed", str(refused)) from None
        except (httpx2.TimeoutException, TimeoutError):
            raise Unanswered("timeout", "it did not answer in time") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as failure:
            raise Unanswered("unreachable", f"it cannot be reached ({type(failure).__name__})") from None

    async def _send(self, call: Call) -> Answer:
        request = self._client.build_request(call.method, call.url, headers=dict(call.headers), content=call.body)
        response = await self._client.send(request, stream=True)
        try:
            return Answer(response.status_code, await _beginning(response), _retry_after(response))
        finally:
            await response.aclose()


async def _beginning(response: httpx2.Response) -> bytes:
    body = bytearray()
    # Raw: a small answer that unpacks to a large one stays small.
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) >= ANSWER_BYTES_MAX:
            break
    return bytes(body[:ANSWER_BYTES_MAX])


def _retry_after(response: httpx2.Response) -> int | None:
    asked = response.headers.get("retry-after", "")
    return min(int(asked), RETRY_AFTER_SECONDS_MAX) if asked.isascii() and asked.isdigit() and len(asked) < 9 else None
