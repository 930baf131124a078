"""The three ways in which CloudEvents come over HTTP, made one: attributes and data.

Source: CloudEvents 1.0.2, HTTP protocol binding and JSON format. Header values are percent-encoded.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from handoff_bus.sources.formats.trees import json_of, text_at, unreadable
from handoff_bus.sources.kinds.request import RawRequest

STRUCTURED, BATCHED = "application/cloudevents+json", "application/cloudevents-batch+json"
EVENTS_MAX = 500
_NEEDED = ("specversion", "id", "source", "type")


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One event; `where` is its place in the body, as a JSON pointer."""

    id: str
    source: str
    type: str
    time: str
    data: Any
    where: str


def events_of(request: RawRequest) -> list[CloudEvent]:
    """The events in a request. Raises UnreadableDelivery."""
    if request.media_type == STRUCTURED:
        return [_structured(json_of(request.body), "")]
    if request.media_type == BATCHED:
        found = json_of(request.body)
        if not isinstance(found, list) or len(found) > EVENTS_MAX:
            raise unreadable("", f"must be an array of at most {EVENTS_MAX} events")
        return [_structured(event, f"/{number}") for number, event in enumerate(found)]
    return [_binary(request)]


def _structured(event: Any, where: str) -> CloudEvent:  # noqa: ANN401 - any JSON
    if not isinstance(event, dict):
        raise unreadable(where, "must be an event")
    data = event.get("data")
    if "data_base64" in event:
        try:
            data = json_of(base64.b64decode(text_at(event, "data_base64"), validate=True))
        except (binascii.Error, ValueError):
            place = f"{where}/data_base64"
            raise unreadable(place, "must be the base64 of JSON") from None
    attributes = {name: event[name] for name in (*_NEEDED, "time") if isinstance(event.get(name), str)}
    return _checked(attributes, data, where)


def _binary(request: RawRequest) -> CloudEvent:
    attributes = {
        name: unquote(value, errors="replace")
        for name in (*_NEEDED, "time")
        if (value := request.headers.get(f"ce-{name}")) is not None
    }
    if not attributes:
        raise unreadable("", f"must be a CloudEvent: ce- headers, {STRUCTURED} or {BATCHED}")
    is_json = request.media_type in {"", "application/json"} or request.media_type.endswith("+json")
    return _checked(attributes, json_of(request.body) if is_json and request.body else None, "")


def _checked(attributes: dict[str, str], data: Any, where: str) -> CloudEvent:  # noqa: ANN401 - any JSON
    for name in _NEEDED:
        if not attributes.get(name):
            place = f"{where}/{name}"
            raise unreadable(place, "is missing")
    if attributes["specversion"] != "1.0":
        place = f"{where}/specversion"
        raise unreadable(place, "must be 1.0")
    return CloudEvent(
        attributes["id"], attributes["source"], attributes["type"], attributes.get("time", ""), data, where
    )
