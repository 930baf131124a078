"""Idempotency-Key on POST: read here, claimed and answered in the action's own transaction (`kit/database.py`).

A key belongs to the caller and the path. The same key with the same request gives the first answer again with the
header `Idempotency-Replayed: true`; with another request it is refused.
"""

import hashlib
import re
from typing import Annotated, Any, Final

from fastapi import Header
from starlette.requests import Request

from conveyor.kit.context import IdempotencyClaim
from conveyor.kit.http.principals import Principal
from conveyor.kit.refusals import Invalid, Refusal

KEY_HEADER = b"idempotency-key"
PENDING = "conveyor.idempotency"
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]{1,255}")
HEADER_DESCRIBED: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same request again under the same key, within 72 hours, gives the first answer again.",
    "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$", "title": "Idempotency-Key"},
}
"""How an OpenAPI document declares the header."""
SAFE_TO_REPEAT: Final[dict[str, Any]] = {"x-safe-to-repeat": True}
"""`openapi_extra` of a POST that leaves nothing behind which a repetition would double: it needs no key."""


class IdempotencyKeyRequired(Refusal):
    """Send an Idempotency-Key: this must not be done twice by a repeated request."""

    kind = "bad_request"


async def remember_key(request: Request, *, status: int) -> None:
    """Note the key of a request that has one, and its hash, until the caller is known. Raises Invalid for a bad key."""
    keys = request.headers.getlist(KEY_HEADER.decode())
    if len(keys) > 1 or not _VISIBLE_ASCII.fullmatch(keys[0]):
        raise Invalid.field("/Idempotency-Key", "must be 1 to 255 visible ASCII characters, once")
    digest = hashlib.sha256()
    for part in (request.method, request.scope["path"], request.url.query):
        digest.update(part.encode("utf-8", "surrogateescape") + b"\x00")
    digest.update(await request.body())
    request.scope[PENDING] = (keys[0], digest.digest(), status)


def claim_of(request: Request, principal: Principal) -> IdempotencyClaim | None:
    """The claim for this caller, when the request carries a key."""
    pending = request.scope.get(PENDING)
    if pending is None:
        return None
    key, request_hash, status = pending
    return IdempotencyClaim(
        key=key, principal=f"{principal.role}:{principal.subject}", request_hash=request_hash, status=status
    )


async def required_idempotency_key(idempotency_key: Annotated[str | None, Header()] = None) -> str:
    """A dependency of routes that must not be repeated by mistake: 400 when the header is missing."""
    if idempotency_key is None:
        raise IdempotencyKeyRequired
    return idempotency_key
