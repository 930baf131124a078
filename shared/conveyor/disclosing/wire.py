"""Values of the database as JSON. Pure."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from conveyor.kit.money import Money

_MINOR = "_minor"


def row_as_json(row: Mapping[str, Any]) -> dict[str, JsonValue]:
    """A row with its names: minor units and their currency become money, bytes become text where they are any."""
    currency = row.get("currency")
    values: dict[str, JsonValue] = {}
    for name, value in row.items():
        if name.endswith(_MINOR) and "currency" in row:
            money = None if value is None else Money(value, str(currency)).to_wire().model_dump()
            values[name.removesuffix(_MINOR)] = as_json(money)
        else:
            values[name] = as_json(value)
    return values


def as_json(value: Any) -> JsonValue:  # noqa: ANN401 - whatever a column holds
    """One value."""
    if isinstance(value, Mapping):
        return {str(name): as_json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    if isinstance(value, bytes):
        return _text_of(value)
    if isinstance(value, date | time):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else value


def _text_of(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()
