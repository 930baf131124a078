"""Bodies of payment systems: JSON objects and forms, read once and strictly."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from conveyor.kit.http.strict_json import JsonRefused, read_json, text_error
from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.payments.amounts import unreadable
from handoff_bus.sources.kinds.request import RawRequest

_FIELDS_MAX = 200


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body. Raises UnreadableDelivery."""
    try:
        value = read_json(body)
    except JsonRefused as refused:
        raise UnreadableDelivery(errors=refused.errors) from None
    if not isinstance(value, dict):
        raise unreadable("", "is no JSON object")
    return value


def form_fields(request: RawRequest) -> dict[str, str]:
    """The fields of a form in the body, or in the query of a GET. Raises UnreadableDelivery."""
    raw = request.body
    if request.method == "GET":
        raw = request.query.encode("latin-1", "replace")
    return fields_of(raw)


def fields_of(raw: bytes) -> dict[str, str]:
    """The fields of an url-encoded text in UTF-8. Raises UnreadableDelivery, also for a field named twice."""
    try:
        pairs = parse_qsl(
            raw.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=_FIELDS_MAX,
        )
    except ValueError:
        raise unreadable("", "is no form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise unreadable("", "names the same field twice")
    for name, value in pairs:
        if text_error(name) or text_error(value):
            raise unreadable("", "holds text that cannot be stored")
    return fields


def inner(value: object) -> Mapping[str, Any]:
    """An object inside a field: itself, or JSON in a string; anything else is empty."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value.startswith("{"):
        try:
            found = read_json(value.encode("utf-8", "surrogatepass"))
        except JsonRefused:
            return {}
        return found if isinstance(found, dict) else {}
    return {}


def word(value: object) -> str:
    """An id or a number as text; empty for anything else."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return str(value)
    return value.strip() if isinstance(value, str) else ""
