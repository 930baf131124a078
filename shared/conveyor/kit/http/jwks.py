"""The issuer's public keys: fetched without blocking the loop, kept through the issuer's outages.

Not PyJWKClient: that one is synchronous, and a stranger's unknown `kid` makes it fetch each time. Here a fetch happens
at most once per cooldown whatever is asked, and a failed fetch never drops keys that were good.
"""

import asyncio
import ipaddress
import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import httpx2
import jwt

from conveyor.kit.refusals import Refusal

ALGORITHMS = ("ES256", "RS256", "EdDSA")
BYTES_MAX = 256 * 1024
KEYS_MAX = 100
FETCH_SECONDS_MAX = 5.0
FRESH_SECONDS = 300.0
COOLDOWN_SECONDS = 30.0
KEPT_SECONDS_MAX = 24 * 3600.0

logger = logging.getLogger(__name__)


class JwksUrlRefused(ValueError):
    """Keys come over https, from a file, or from this very machine; anything else could be replaced on the way."""


class KeysUnavailable(Refusal):
    """Tokens cannot be checked right now."""

    kind = "unavailable"


class JwksCache:
    """Public keys by `kid`, read from `url` (https://, file://, or http:// on loopback).

    `cooldown_seconds` is the least time between two fetches: also between the appearance of a new key and its use,
    and no flood of unknown kids fetches more often.
    """

    def __init__(
        self,
        url: str,
        *,
        fresh_seconds: float = FRESH_SECONDS,
        cooldown_seconds: float = COOLDOWN_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = checked_jwks_url(url)
        self._fresh_seconds = fresh_seconds
        self._cooldown_seconds = cooldown_seconds
        self._monotonic = monotonic
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._read_at: float | None = None
        self._tried_at: float | None = None
        self._fetch: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """The key of this id, or None when the issuer has no such. Raises KeysUnavailable before a good read."""
        now = self._monotonic()
        stale = self._read_at is None or now - self._read_at > self._fresh_seconds
        if (stale or kid not in self._keys) and self._may_try(now):
            self._tried_at = now
            self._fetch = asyncio.create_task(self._read())
        # Only those whose key is not here yet wait; a slow issuer must not slow down the others.
        if kid not in self._keys and self._fetch is not None:
            await asyncio.shield(self._fetch)
        if self._read_at is None:
            raise KeysUnavailable
        if self._monotonic() - self._read_at > KEPT_SECONDS_MAX:
            raise KeysUnavailable
        return self._keys.get(kid)

    def _may_try(self, now: float) -> bool:
        return self._tried_at is None or now - self._tried_at >= self._cooldown_seconds

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS_MAX):
                keys = _usable_keys(await _content(self._url))
        except (OSError, TimeoutError, httpx2.HTTPError, ValueError) as failed:
            logger.warning("jwks could not be read, %s keys are kept: %s", len(self._keys), type(failed).__name__)
            return
        self._keys = keys
        self._read_at = self._monotonic()


def checked_jwks_url(url: str) -> str:
    """The same address. Raises JwksUrlRefused unless it is https, a file, or on loopback."""
    parts = urlsplit(url)
    if parts.scheme in {"https", "file"} or (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return url
    msg = "must be https://, file://, or http:// on loopback"
    raise JwksUrlRefused(msg)


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


async def _content(url: str) -> bytes:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return await asyncio.to_thread(_file_content, Path(url2pathname(parts.path)))
    # Proxies and cookies of the environment are not trusted with keys; redirects are not followed.
    async with (
        httpx2.AsyncClient(follow_redirects=False, trust_env=False, timeout=FETCH_SECONDS_MAX) as client,
        client.stream("GET", url, headers={"Accept": "application/json", "Accept-Encoding": "identity"}) as answer,
    ):
        if answer.status_code != 200:
            msg = f"the issuer answered {answer.status_code}"
            raise ValueError(msg)
        content = bytearray()
        async for chunk in answer.aiter_raw():
            content += chunk
            if len(content) > BYTES_MAX:
                msg = "the key set is too large"
                raise ValueError(msg)
        return bytes(content)


def _file_content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(BYTES_MAX)


def _usable_keys(content: bytes) -> dict[str, jwt.PyJWK]:
    """Signature keys with a `kid` and an algorithm of ours; encryption keys and symmetric keys are passed over."""
    document = json.loads(content)
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) > KEYS_MAX:
        msg = "not a key set"
        raise ValueError(msg)
    keys = dict(pair for entry in entries if (pair := _usable_key(entry)) is not None)
    if not keys:
        msg = "the key set holds no usable key"
        raise ValueError(msg)
    return keys


def _usable_key(entry: Any) -> tuple[str, jwt.PyJWK] | None:  # noqa: ANN401 - foreign JSON
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
        return None
    if entry.get("use", "sig") != "sig" or entry.get("kty") == "oct":
        return None
    try:
        key = jwt.PyJWK.from_dict(entry)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return (entry["kid"], key) if key.algorithm_name in ALGORITHMS else None
