"""The issuer's keys: rotation, floods of unknown kids, outages; against a real server on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from conveyor.kit.clock import FrozenClock
from conveyor.kit.http.auth import ROLES
from conveyor.kit.http.jwks import JwksCache, JwksUrlRefused, KeysUnavailable
from conveyor.kit.http.principals import Unauthenticated
from conveyor.kit.http.tokens import TokenVerifier
from tests.kit.sample_app import ISSUER, NOW, Issuer


@dataclass
class Monotonic:
    """A clock for intervals that the test moves."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class KeyServer:
    """Answers every request with `content`; counts them."""

    content: bytes = b""
    status: str = "200 OK"
    requests: int = 0
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        await self.hold.wait()
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(self.content)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + self.content)
        await writer.drain()
        writer.close()

    def publish(self, *issuers: Issuer) -> None:
        self.content = json.dumps({"keys": [key for issuer in issuers for key in issuer.jwks["keys"]]}).encode()


@pytest.fixture
async def server() -> AsyncIterator[KeyServer]:
    keys = KeyServer()
    keys.hold.set()
    listening = await asyncio.start_server(keys.answer, "127.0.0.1", 0)
    keys.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/jwks"
    yield keys
    keys.hold.set()
    listening.close()
    await listening.wait_closed()


async def test_200_unknown_kids_cause_one_fetch_and_hurt_nobody(server: KeyServer) -> None:
    issuer, now = Issuer(), Monotonic()
    server.publish(issuer)
    cache = JwksCache(server.url, monotonic=now)
    verifier = TokenVerifier(keys=cache, issuer=ISSUER, audience="conveyor", roles=ROLES, clock=FrozenClock(NOW))
    await verifier.principal(issuer.token())
    now.seconds += 31

    refused = await asyncio.gather(
        *[verifier.principal(Issuer.token(issuer, headers={"kid": f"random-{n}"})) for n in range(200)],
        return_exceptions=True,
    )

    assert all(isinstance(each, Unauthenticated) for each in refused)
    assert server.requests == 2
    await verifier.principal(issuer.token(sub="another"))


async def test_a_new_key_is_taken_without_restart_and_a_withdrawn_one_goes(server: KeyServer) -> None:
    first, second, now = Issuer("first"), Issuer("second"), Monotonic()
    server.publish(first)
    cache = JwksCache(server.url, monotonic=now)
    assert await cache.key("first") is not None
    server.publish(second)

    assert await cache.key("second") is None, "within the cooldown nothing is fetched"
    now.seconds += 31
    assert await cache.key("second") is not None
    assert await cache.key("first") is None


async def test_keys_survive_the_issuers_outage_and_slowness(server: KeyServer) -> None:
    issuer, now = Issuer(), Monotonic()
    server.publish(issuer)
    cache = JwksCache(server.url, monotonic=now)
    await cache.key("first")

    for content, status in ((b"oops", "500 No"), (b"{}", "200 OK"), (b"<html>", "200 OK"), (b"", "302 Found")):
        server.content, server.status = content, status
        now.seconds += 400
        assert await cache.key("first") is not None
        await settled(cache)
        assert await cache.key("first") is not None
    server.hold.clear()
    now.seconds += 400
    async with asyncio.timeout(1):
        assert await cache.key("first") is not None
    server.hold.set()
    await settled(cache)


async def test_an_oversized_key_set_is_not_taken(server: KeyServer) -> None:
    server.content = b'{"keys": [' + b" " * 300_000 + b"]}"

    with pytest.raises(KeysUnavailable):
        await JwksCache(server.url).key("first")


async def test_before_any_key_was_read_tokens_cannot_be_checked(tmp_path: Path) -> None:
    cache = JwksCache((tmp_path / "none.json").as_uri())

    with pytest.raises(KeysUnavailable):
        await cache.key("first")


@pytest.mark.parametrize(
    "url", ["http://issuer.example/jwks", "http://10.0.0.1/jwks", "ftp://x/y", "data:,x", "jwks.json", "", "http:///x"]
)
def test_keys_come_only_over_ways_nobody_can_touch(url: str) -> None:
    with pytest.raises(JwksUrlRefused):
        JwksCache(url)


@pytest.mark.parametrize(
    "change",
    [
        lambda key: {**key, "use": "enc"},
        lambda key: {**key, "kid": None},
        lambda key: {**key, "alg": "ES384"},
        lambda key: {**key, "crv": "P-521"},
        lambda key: {**key, "x": "AA"},
        lambda key: [key],
    ],
)
async def test_unusable_keys_are_passed_over(server: KeyServer, change: Callable[[dict[str, Any]], Any]) -> None:
    good, bad = Issuer("good"), Issuer("bad")
    server.content = json.dumps({"keys": [change(bad.jwks["keys"][0]), good.jwks["keys"][0]]}).encode()
    cache = JwksCache(server.url)

    assert await cache.key("good") is not None
    assert await cache.key("bad") is None


async def settled(cache: JwksCache) -> None:
    assert cache._fetch is not None
    await cache._fetch
