"""Try a captured delivery on a source: what the door would say and read. Nothing is stored."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.refusals import Invalid
from handoff_bus.sources.book import OpenSource
from handoff_bus.sources.kinds.kind import Arrival, BadSignature, StaleTimestamp


class OutsideFactView(AnswerModel):
    """A fact in the words of kind `standard`."""

    type: str
    data: dict[str, Any]


class TrialView(AnswerModel):
    """`verified` is what the door would have decided now; `dedupe_key` is null when it would have refused."""

    verified: bool
    dedupe_key: str | None
    facts: list[OutsideFactView]


def try_delivery(source: OpenSource, *, headers: Mapping[str, str], body_base64: str, now: datetime) -> TrialView:
    """Verify and read. Raises Invalid for a body that is no base64, UnreadableDelivery for one of another schema."""
    try:
        body = base64.b64decode(body_base64, validate=True)
    except (binascii.Error, ValueError) as refused:
        raise Invalid.field(pointer="/body_base64", message="must be base64") from refused
    try:
        lowered = {name.lower(): value for name, value in headers.items()}
        key = source.kind.verify(Arrival(headers=lowered, body=body, at=now), source.keys_at(now))
    except (BadSignature, StaleTimestamp, UnicodeEncodeError):
        key = None
    facts = [
        OutsideFactView(type=event.type, data=event.data.model_dump(mode="json", exclude_none=True))
        for event in source.kind.parse(body)
    ]
    return TrialView(verified=key is not None, dedupe_key=key, facts=facts)
