"""Requests as telephony sends them, and the calls that are read out of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from handoff_bus.sources.kinds.kind import BadSignature, StaleTimestamp
from handoff_bus.sources.kinds.read import read_delivery
from handoff_bus.sources.kinds.reading import Reading
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"
Json = dict[str, Any]


def form(values: Mapping[str, Any]) -> bytes:
    """A form as browsers write it."""
    return urlencode(values, doseq=True).encode()


def request(
    body: bytes = b"",
    *,
    media: str = FORM,
    query: str = "",
    url: str | None = None,
    method: str = "POST",
    **headers: str,
) -> RawRequest:
    """A delivery to the source `pbx`; header names are given with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawRequest(
        headers={"content-type": media, **named},
        body=body,
        at=NOW,
        method=method,
        query=query,
        source="pbx",
        received_url=url,
    )


def read(kind: str, raw: RawRequest, **settings: Any) -> Reading:
    """What the kind reads, as at the door."""
    return read_delivery(KINDS[kind], raw, KINDS[kind].settings(**settings))


def calls(kind: str, raw: RawRequest, **settings: Any) -> list[Json]:
    """The calls that the kind reads."""
    events = read(kind, raw, **settings).events
    return [event.data.model_dump(mode="json", exclude_none=True) for event in events]


def call(kind: str, raw: RawRequest, **settings: Any) -> Json:
    """The one call that the kind reads."""
    (found,) = calls(kind, raw, **settings)
    return found


def is_proven(kind: str, raw: RawRequest, *secrets: str, **settings: Any) -> bool:
    """Whether the door would believe it."""
    keys = [KINDS[kind].read_secret(secret) for secret in secrets]
    try:
        KINDS[kind].verify(raw, keys, KINDS[kind].settings(**settings))
    except (BadSignature, StaleTimestamp):
        return False
    return True


def flipped(body: bytes, at: int) -> bytes:
    """The body with one bit of one byte changed."""
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
