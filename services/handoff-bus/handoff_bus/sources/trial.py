"""Try a captured delivery on a source: what the door would say and read. Nothing is stored."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.refusals import Invalid
from handoff_bus.sources.book import OpenSource
from handoff_bus.sources.kinds.kind import BadSignature, StaleTimestamp, Trust
from handoff_bus.sources.kinds.read import read_delivery, storable_key
from handoff_bus.sources.kinds.request import RawRequest


class OutsideFactView(AnswerModel):
    """A fact in the words of kind `standard`."""

    type: str
    data: dict[str, Any]


class TrialView(AnswerModel):
    """`verified` is what the door would have decided now; `dedupe_key` is null when it would have refused.

    Without facts `silence` says why in a stable code and `detail` in words; `fetches` are the calls to the source's
    API that would be made before anything is said.
    """

    verified: bool
    dedupe_key: str | None
    facts: list[OutsideFactView]
    trust: Trust
    silence: str | None
    detail: str | None
    fetches: list[str]


def try_delivery(
    source: OpenSource,
    *,
    headers: Mapping[str, str],
    body_base64: str,
    method: str,
    received_url: str | None,
    sender: str | None,
    now: datetime,
) -> TrialView:
    """Verify and read. Raises Invalid for a body that is no base64, UnreadableDelivery for one of another schema."""
    try:
        body = base64.b64decode(body_base64, validate=True)
    except (binascii.Error, ValueError) as refused:
        raise Invalid.field(pointer="/body_base64", message="must be base64") from refused
    request = RawRequest(
        headers={name.lower(): value for name, value in headers.items()},
        body=body,
        at=now,
        method=method,
        query=_query(received_url),
        source=source.name,
        received_url=received_url,
        sender=sender,
    )
    verified = _is_proven(source, request)
    reading = read_delivery(source.kind, request, source.settings)
    return TrialView(
        verified=verified,
        dedupe_key=storable_key(reading.dedupe_key) if verified else None,
        facts=[
            OutsideFactView(type=event.type, data=event.data.model_dump(mode="json", exclude_none=True))
            for event in reading.events
        ],
        trust=source.kind.trust(source.settings),
        silence=reading.silence.reason if reading.silence else None,
        detail=reading.silence.detail if reading.silence else None,
        fetches=[f"{plan.method} {plan.name}" for plan in reading.fetches],
    )


def _query(received_url: str | None) -> str:
    try:
        return urlsplit(received_url or "").query
    except ValueError as refused:
        raise Invalid.field(pointer="/received_url", message="must be a URL") from refused


def _is_proven(source: OpenSource, request: RawRequest) -> bool:
    try:
        source.kind.verify(request, source.keys_at(request.at), source.settings)
    except (BadSignature, StaleTimestamp, UnicodeEncodeError):
        return False
    return True
