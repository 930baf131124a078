"""Reads any JSON by the rules in the settings."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handoff_bus.sources.formats.amounts import major_units, minor_units
from handoff_bus.sources.formats.events import event_of, hashed
from handoff_bus.sources.formats.instants import from_iso, from_unix
from handoff_bus.sources.formats.trees import Tree, at, json_of, text_at, unreadable
from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.mapped.settings import EventRule, FieldRule, MappedSettings
from handoff_bus.sources.kinds.reading import Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OutsideEvent

ITEMS_MAX = 500
_PER_SECOND = {"unix": 1, "unix_ms": 1000}
_SECONDS = {"seconds": (1, 1), "milliseconds": (1, 1000), "minutes": (60, 1)}
_FALSE = frozenset({"", "0", "false", "no", "null"})


def parse(request: RawRequest, settings: MappedSettings) -> Reading:
    """The events that the rules find. Raises UnreadableDelivery."""
    body = json_of(request.body)
    items = _items(body, settings)
    told = [text_at(body, *_steps(path)) for path in settings.dedupe]
    key = hashed(*told) if any(told) else hashlib.sha256(request.body).hexdigest()
    real = [item for item in items if not _is_test(item, settings)]
    events = tuple(event for item in real if (event := _event(item, request, settings)) is not None)
    if events:
        return Reading(key, events)
    if items and not real:
        return Reading(key, silence=Silence("test_traffic", "It says of itself that it is a test."), topic="test")
    return Reading(key, silence=Silence("nothing_to_say", "No rule of the settings fits it."), topic="unmatched")


def _steps(path: str) -> list[str]:
    return [step for step in path.split(".") if step]


def _items(body: Any, settings: MappedSettings) -> list[Any]:  # noqa: ANN401 - any JSON
    if settings.items is None:
        return [body]
    found = at(body, *_steps(settings.items))
    if not isinstance(found, list) or len(found) > ITEMS_MAX:
        where = "/" + "/".join(_steps(settings.items))
        raise unreadable(where, f"must be an array of at most {ITEMS_MAX}")
    return found


def _is_test(item: Any, settings: MappedSettings) -> bool:  # noqa: ANN401 - any JSON
    return settings.test is not None and text_at(item, *_steps(settings.test)).lower() not in _FALSE


def _event(item: Any, request: RawRequest, settings: MappedSettings) -> OutsideEvent | None:  # noqa: ANN401 - any JSON
    rule = next((rule for rule in settings.rules if _fits(item, rule)), None)
    if rule is None:
        return None
    zone = ZoneInfo(settings.zone)
    data: Tree = {}
    for name, field in rule.fields.items():
        value = _value(item, name, field, zone)
        if value is not None:
            _put(data, name.split("."), value)
    data = _listed({name: _amount(name, value, rule.fields) for name, value in data.items()})
    timestamp = _value(item, "timestamp", rule.timestamp, zone) if rule.timestamp else None
    if timestamp is not None and not isinstance(timestamp, datetime):
        raise unreadable("/timestamp", "must be read in the form iso, unix or unix_ms")
    return event_of(rule.type, timestamp or request.at, data)


def _fits(item: Any, rule: EventRule) -> bool:  # noqa: ANN401 - any JSON
    for path, wanted in rule.when.items():
        accepted = wanted if isinstance(wanted, tuple) else (wanted,)
        if text_at(item, *_steps(path)) not in {text_at({"": value}, "") for value in accepted}:
            return False
    return True


def _value(item: Any, name: str, field: FieldRule, zone: ZoneInfo) -> Any:  # noqa: ANN401 - any JSON
    found = field.value if field.path is None else at(item, *_steps(field.path))
    if field.map is not None:
        found = field.map.get(text_at({"": found}, ""))
    if found is None or field.form in {"as_is", "major", "minor"}:
        # A name given as a number is meant as its digits; durations come in a form of their own.
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        return text_at({"": found}, "") if is_number else found
    text = text_at({"": found}, "")
    read = _instant_or_duration(text, field, zone)
    if read is None:
        where = "/" + name.replace(".", "/")
        raise unreadable(where, f"is not written as {field.form}")
    return read


def _instant_or_duration(text: str, field: FieldRule, zone: ZoneInfo) -> datetime | int | None:
    if field.form == "iso":
        return from_iso(text, zone=zone)
    if field.form in _PER_SECOND:
        return from_unix(text, per_second=_PER_SECOND[field.form])
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        return None
    times, parts = _SECONDS[field.form]
    return int(text) * times // parts


def _amount(name: str, value: Any, fields: Mapping[str, FieldRule]) -> Any:  # noqa: ANN401 - any JSON
    rule = fields.get(f"{name}.amount")
    if rule is None or rule.form not in {"major", "minor"} or not isinstance(value, dict):
        return value
    convert = major_units if rule.form == "major" else minor_units
    money = convert(text_at(value, "amount"), text_at(value, "currency").upper())
    if money is None:
        where = f"/{name}/amount"
        raise unreadable(where, f"is no amount in {rule.form} units of its currency")
    return money


def _put(data: Tree, steps: list[str], value: Any) -> None:  # noqa: ANN401 - any JSON
    for step in steps[:-1]:
        below = data.setdefault(step, {})
        if not isinstance(below, dict):
            raise UnreadableDelivery
        data = below
    data[steps[-1]] = value


def _listed(node: Any) -> Any:  # noqa: ANN401 - any JSON
    if not isinstance(node, dict):
        return node
    below = {name: _listed(child) for name, child in node.items()}
    return list(below.values()) if below and all(name.isdigit() for name in below) else below
