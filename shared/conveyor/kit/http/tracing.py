"""W3C trace context (https://www.w3.org/TR/trace-context/): taken from the caller, else begun here, carried to events.

No spans are exported from here; the ids alone tie logs, problems and events of one request together.
"""

import os
import re
from dataclasses import dataclass
from uuid import UUID

from conveyor.kit.ids import new_id

_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._~+/=-]{1,128}")


@dataclass(frozen=True, slots=True)
class RequestIds:
    """`request_id` as the caller named it, or the correlation id; `traceparent` with a span id of our own."""

    request_id: str
    correlation_id: UUID
    trace_id: str
    traceparent: str


def request_ids(*, request_id: bytes | None, traceparent: bytes | None) -> RequestIds:
    """Ids of a request from its headers; what is malformed counts as absent."""
    correlation_id = new_id()
    if request_id is not None and _REQUEST_ID.fullmatch(request_id):
        named = request_id.decode("ascii")
        correlation_id = _as_uuid(named) or correlation_id
    else:
        named = str(correlation_id)
    trace_id, flags = _trace(traceparent)
    return RequestIds(named, correlation_id, trace_id, f"00-{trace_id}-{os.urandom(8).hex()}-{flags}")


def _trace(traceparent: bytes | None) -> tuple[str, str]:
    match = None if traceparent is None else _TRACEPARENT.fullmatch(traceparent)
    # Version 00 has exactly four parts; all-zero ids are invalid by the specification.
    is_valid = (
        match is not None
        and match[1].strip(b"0")
        and match[2].strip(b"0")
        and (match[4] is None or not match[0].startswith(b"00"))
    )
    if match is None or not is_valid:
        return os.urandom(16).hex(), "00"
    return match[1].decode("ascii"), match[3].decode("ascii")


def _as_uuid(text: str) -> UUID | None:
    if len(text) != 36:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
