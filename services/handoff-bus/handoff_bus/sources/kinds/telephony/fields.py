"""Reads what telephony boxes send: forms and JSON whose numbers may be text and whose blanks may be null. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import orjson

from conveyor.kit.refusals import FieldError
from handoff_bus.sources.kinds.kind import UnreadableDelivery

FORM_FIELDS_MAX = 1000
QUERY_FIELDS_MAX = 100
_DIGITS_MAX = 15


def unreadable(pointer: str, message: str) -> NoReturn:
    """Refuse the delivery, naming the place."""
    raise UnreadableDelivery(errors=[FieldError(pointer, message)])


class Fields:
    """The fields of one object. Absent, null and blank are the same: None."""

    def __init__(self, values: Mapping[str, Any], *, pointer: str = "") -> None:
        self._values = values
        self._pointer = pointer

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def at(self, name: str) -> str:
        """The JSON pointer of a field."""
        return f"{self._pointer}/{name}"

    def raw(self, name: str) -> str:
        """The text of the field untouched; empty when there is none."""
        value = self._values.get(name, "")
        return value if isinstance(value, str) else ""

    def text(self, name: str) -> str | None:
        """The field as trimmed text; whole numbers count as text."""
        value = self._values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            unreadable(self.at(name), "must be text")
        return value.strip() or None

    def needed_text(self, name: str) -> str:
        """The field as text. Refuses when there is none."""
        value = self.text(name)
        if value is None:
            unreadable(self.at(name), "is required")
        return value

    def whole(self, name: str) -> int | None:
        """The field as a whole number that is not negative."""
        value = self.text(name)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit() and len(value) <= _DIGITS_MAX):
            unreadable(self.at(name), "must be a whole number that is not negative")
        return int(value)

    def needed_whole(self, name: str) -> int:
        """The field as a whole number. Refuses when there is none."""
        value = self.whole(name)
        if value is None:
            unreadable(self.at(name), "is required")
        return value

    def inner(self, name: str) -> "Fields":
        """The object in this field; an empty one when there is none."""
        value = self._values.get(name)
        if value in (None, "", []):
            value = {}
        if not isinstance(value, Mapping):
            unreadable(self.at(name), "must be an object")
        return Fields(value, pointer=self.at(name))


def form_pairs(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form in their order. Refuses what is no UTF-8 or has too many fields."""
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FORM_FIELDS_MAX, errors="strict")
    except ValueError:
        unreadable("", "must be a form")


def form_of(body: bytes) -> Fields:
    """A form's fields; of a repeated one the first."""
    values: dict[str, str] = {}
    for name, value in form_pairs(body):
        values.setdefault(name, value)
    return Fields(values)


def json_of(body: bytes | str, *, pointer: str = "") -> Fields:
    """The JSON object in the body. Refuses everything else."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        unreadable(pointer, "must be JSON")
    if not isinstance(value, dict):
        unreadable(pointer, "must be an object")
    return Fields(value, pointer=pointer)


def unix_instant(seconds: int, *, pointer: str) -> datetime:
    """The instant of Unix seconds."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        unreadable(pointer, "must be Unix seconds")


def local_instant(text: str, zone: ZoneInfo | None, *, pointer: str) -> datetime:
    """The instant of a local `YYYY-MM-DD HH:MM:SS[.fff]`; one with an offset keeps its own, None wants one.

    An hour that comes twice when summer time ends is taken as the first of the two.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None and zone is None:
            unreadable(pointer, "must have an offset")
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        unreadable(pointer, "must be a local date and time")
