"""The one HTTP client for the APIs of sources: short timeouts, few connections, small answers, no redirects.

Where an API is, its source's settings say, so it goes the guarded way out as every call to a configured address.
"""

import asyncio
from typing import Self

import httpx2

from conveyor.kit.http.strict_json import text_error
from handoff_bus.outbound.transport import CallNotAllowed, GuardedTransport, Resolve
from handoff_bus.sources.kinds.reading import FetchPlan

CONNECT_SECONDS_MAX = 5.0
READ_SECONDS_MAX = 10.0
WHOLE_SECONDS_MAX = 20.0
CONNECTIONS_MAX = 8
ANSWER_BYTES_MAX = 1024 * 1024
RETRY_AFTER_SECONDS_MAX = 3600
_UNKNOWN = frozenset({404, 410})


class Failed(Exception):
    """A call that has to be made again. `retry_after_seconds` is what the API asked for."""

    def __init__(self, why: str, *, retry_after_seconds: int | None = None) -> None:
        self.why = why
        self.retry_after_seconds = retry_after_seconds
        super().__init__(why)


class _NoAnswerInTime(Failed):
    def __init__(self) -> None:
        super().__init__("it did not answer in time")


class _Unreachable(Failed):
    def __init__(self, failure: Exception) -> None:
        super().__init__(f"it cannot be reached ({type(failure).__name__})")


class _NotAllowed(Failed):
    def __init__(self, refused: CallNotAllowed) -> None:
        super().__init__(f"the bus may not call it: {refused}")


class _Unwilling(Failed):
    def __init__(self, status: int, *, retry_after_seconds: int | None) -> None:
        super().__init__(f"it answered {status}", retry_after_seconds=retry_after_seconds)


class _TooLarge(Failed):
    def __init__(self) -> None:
        super().__init__(f"its answer is larger than {ANSWER_BYTES_MAX} bytes")


class _NotText(Failed):
    def __init__(self) -> None:
        super().__init__("its answer is no text in UTF-8")


class ApiClient:
    """Makes the calls of fetch plans. `private_allowed` lets it call loopback and private addresses, and plain http."""

    def __init__(self, *, private_allowed: bool, resolve: Resolve | None = None) -> None:
        self._places = asyncio.Semaphore(CONNECTIONS_MAX)
        self._client = httpx2.AsyncClient(
            transport=GuardedTransport(private_allowed=private_allowed, resolve=resolve),
            timeout=httpx2.Timeout(READ_SECONDS_MAX, connect=CONNECT_SECONDS_MAX),
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def call(self, plan: FetchPlan) -> str | None:
        """The text of the answer, None when the API knows no such thing. Raises Failed; its words hold no secret."""
        try:
            async with self._places, asyncio.timeout(WHOLE_SECONDS_MAX):
                return await self._call(plan)
        except CallNotAllowed as refused:
            raise _NotAllowed(refused) from None
        except (httpx2.TimeoutException, TimeoutError):
            raise _NoAnswerInTime from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as failure:
            raise _Unreachable(failure) from None

    async def _call(self, plan: FetchPlan) -> str | None:
        request = self._client.build_request(
            plan.method, plan.url, headers={"accept": "application/json", **plan.headers}, content=plan.body
        )
        response = await self._client.send(request, stream=True)
        try:
            if response.status_code in _UNKNOWN:
                return None
            if response.status_code != 200:
                raise _Unwilling(response.status_code, retry_after_seconds=_retry_after(response))
            return _text(await _read(response))
        finally:
            await response.aclose()


async def _read(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise _TooLarge
    return bytes(body)


def _text(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise _NotText from None
    if text_error(text):
        raise _NotText
    return text


def _retry_after(response: httpx2.Response) -> int | None:
    asked = response.headers.get("retry-after", "")
    return min(int(asked), RETRY_AFTER_SECONDS_MAX) if asked.isascii() and asked.isdigit() and len(asked) < 9 else None
