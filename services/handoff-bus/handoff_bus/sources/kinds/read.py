"""Reads a delivery: the same way at the door, in a trial, and when it is settled."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from conveyor.kit.http.strict_json import text_error
from conveyor.kit.refusals import FieldError
from handoff_bus.sources.kinds.kind import WEAK, SourceKind, SourceSettings, UnreadableDelivery
from handoff_bus.sources.kinds.reading import Fetched, Reading
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import PaymentEvent, RefundEvent, happened_at

# Clocks of telephony boxes run a little fast; anything further ahead is a mistake.
AHEAD_MAX = timedelta(minutes=5)
KEY_LENGTH_MAX = 200


def read_delivery(
    kind: SourceKind[Any], request: RawRequest, settings: SourceSettings, fetched: Fetched | None = None
) -> Reading:
    """What the delivery says. Raises UnreadableDelivery, also for what lies in the future of its arrival."""
    if fetched is None or kind.complete is None:
        reading = kind.parse(request, settings)
    else:
        reading = kind.complete(request, settings, fetched)
    latest = request.at + AHEAD_MAX
    for event in reading.events:
        pointer, instant = happened_at(event)
        if instant > latest:
            raise UnreadableDelivery(errors=[FieldError(pointer, "must not lie in the future")])
    if reading.silence is not None:
        return replace(reading, silence=replace(reading.silence, detail=storable_words(reading.silence.detail)))
    return reading


def is_unproven_money(kind: SourceKind[Any], settings: SourceSettings, reading: Reading, *, is_fetched: bool) -> bool:
    """Whether it speaks of money, but neither a signature, nor a secret, nor the source's API stands behind it."""
    if is_fetched or kind.trust(settings) not in WEAK:
        return False
    return any(isinstance(event, PaymentEvent | RefundEvent) for event in reading.events)


def storable_key(key: str) -> str:
    """A dedupe key that fits its column: a long or unprintable one becomes its hash."""
    if 0 < len(key) <= KEY_LENGTH_MAX and text_error(key) is None:
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def storable_topic(topic: str) -> str:
    """A provider's name for its event that fits its column."""
    return storable_words(topic[:100]) or "nothing"


def storable_words(text: str) -> str:
    """Words that may quote a stranger's: what cannot be shown, such as NUL, is a question mark."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
