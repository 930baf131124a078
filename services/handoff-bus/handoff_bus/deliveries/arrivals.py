"""A webhook request between the wire and the database: how it comes in, and how it is kept without its secrets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from starlette.requests import Request

from handoff_bus.deliveries.tables import Delivery
from handoff_bus.sources.book import OpenSource
from handoff_bus.sources.kinds.request import RawRequest

REDACTED = "[redacted]"
METHOD, QUERY = ":method", ":query"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})
_HEADERS_MAX = 64


async def read_request(request: Request, source: OpenSource, *, now: datetime, public_url: str | None) -> RawRequest:
    """The request as kinds read it."""
    scope = request.scope
    client = scope.get("client")
    return RawRequest(
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=await request.body(),
        at=now,
        method=scope["method"],
        query=scope["query_string"].decode("latin-1"),
        source=source.name,
        received_url=_received_url(request, public_url) if source.kind.reads_url else None,
        sender=client[0] if client else None,
    )


def _received_url(request: Request, public_url: str | None) -> str:
    if public_url is None:
        return str(request.url)
    query = request.scope["query_string"].decode("latin-1")
    raw_path = request.scope.get("raw_path") or request.scope["path"].encode()
    return f"{public_url.rstrip('/')}{raw_path.decode('latin-1')}" + (f"?{query}" if query else "")


def kept_headers(source: OpenSource, request: RawRequest) -> dict[str, str]:
    """What is kept of the request beside its body; secrets are redacted."""
    headers = request.headers
    kept = dict(headers if len(headers) <= _HEADERS_MAX else list(headers.items())[:_HEADERS_MAX])
    for name in source.kind.redacted_headers | source.kind.headers_to_redact(source.settings):
        if name in kept:
            kept[name] = REDACTED
    for name in _SECRET_HEADERS & kept.keys():
        kept[name] = REDACTED
    if request.method != "POST":
        kept[METHOD] = request.method
    if request.query:
        kept[QUERY] = _redacted_query(request.query, source.kind.redacted_query)
    return kept


def _redacted_query(query: str, secret: frozenset[str]) -> str:
    pairs = (pair.partition("=") for pair in query.split("&"))
    return "&".join(
        f"{name}={REDACTED}" if unquote_plus(name) in secret else f"{name}{equals}{value}"
        for name, equals, value in pairs
    )


def kept_request(delivery: Delivery, source: str) -> RawRequest:
    """A stored delivery, to be read again."""
    headers: Mapping[str, Any] = delivery.headers
    return RawRequest(
        headers=headers,
        body=delivery.body,
        at=delivery.received_at,
        method=headers.get(METHOD, "POST"),
        query=headers.get(QUERY, ""),
        source=source,
    )
