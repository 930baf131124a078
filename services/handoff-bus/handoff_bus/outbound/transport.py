"""Resolves a name once, judges every address that it means, and connects to a judged one and to nothing else.

TLS still proves the name that was asked for. Each request has a connection of its own: a connection that is kept would
be found again by its address, under which another receiver's name may live too.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx2

from handoff_bus.outbound.rules import may_call, url_error

CONNECT_SECONDS_MAX = 5.0
READ_SECONDS_MAX = 15.0
RESOLVE_SECONDS_MAX = 5.0
ADDRESSES_TRIED_MAX = 3
_RESOLVERS_MAX = 16

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host; raises OSError when it has none."""


class CallNotAllowed(Exception):
    """The bus may not call there; the words say why and hold no secret."""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """A transport that no URL, name server or redirect can lead into a private network."""

    def __init__(self, *, private_allowed: bool, resolve: Resolve | None = None) -> None:
        self._private_allowed = private_allowed
        # A name server that hangs holds these threads, not those of the rest of the service.
        self._resolvers = ThreadPoolExecutor(_RESOLVERS_MAX, thread_name_prefix="resolver")
        self._resolve = resolve or self._ask_the_system
        self._direct = httpx2.AsyncHTTPTransport(
            trust_env=False, limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises CallNotAllowed, or what httpx2 raises."""
        wrong = url_error(str(request.url), private_allowed=self._private_allowed)
        if wrong is not None:
            msg = f"the address {wrong}"
            raise CallNotAllowed(msg)
        addresses = await self._addresses(request.url)
        for number, address in enumerate(addresses, start=1):
            try:
                return await self._direct.handle_async_request(_pinned(request, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                # Nothing was sent yet.
                if number == len(addresses):
                    raise
        msg = "the host has no address"
        raise httpx2.ConnectError(msg)

    async def aclose(self) -> None:
        """End what is open."""
        await self._direct.aclose()
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    async def _addresses(self, url: httpx2.URL) -> Sequence[str]:
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            async with asyncio.timeout(RESOLVE_SECONDS_MAX):
                found = list(dict.fromkeys(await self._resolve(_host(url), port)))
        except OSError as failure:
            msg = "the host's name means nothing"
            raise httpx2.ConnectError(msg) from failure
        if not all(may_call(address, private_allowed=self._private_allowed) for address in found):
            msg = "the host's name leads into a private network"
            raise CallNotAllowed(msg)
        return found[:ADDRESSES_TRIED_MAX]

    async def _ask_the_system(self, host: str, port: int) -> Sequence[str]:
        def ask() -> list[str]:
            return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]

        return await asyncio.get_running_loop().run_in_executor(self._resolvers, ask)


def _pinned(request: httpx2.Request, address: str) -> httpx2.Request:
    # The Host header was set from the name before; the certificate is checked against it too.
    extensions = {**request.extensions, "sni_hostname": _host(request.url)}
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=extensions,
    )


def _host(url: httpx2.URL) -> str:
    return url.raw_host.decode("ascii")
