"""Moments as payment systems write them; each of them is read with the zone that its system means."""

import re
from datetime import UTC, date, datetime

from handoff_bus.sources.kinds.payments.amounts import unreadable

_PLAIN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})", re.ASCII)
_SECONDS_MAX = 7_258_118_400  # the year 2200
_ISO_LENGTH_MAX = 40


def from_iso(value: object, *, pointer: str) -> datetime:
    """ISO 8601 with an offset or Z. Raises UnreadableDelivery, also without a zone."""
    if isinstance(value, str) and len(value) <= _ISO_LENGTH_MAX and value.isascii():
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            if instant.tzinfo is not None and 1900 < instant.year < 9000:
                return instant.astimezone(UTC)
    raise unreadable(pointer, "is no moment with a zone")


def from_seconds(value: object, *, pointer: str) -> datetime:
    """Unix seconds. Raises UnreadableDelivery."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _SECONDS_MAX:
        raise unreadable(pointer, "is no moment in unix seconds")
    return datetime.fromtimestamp(value, UTC)


def from_plain_utc(value: object, *, pointer: str) -> datetime:
    """`yyyy-MM-dd HH:mm:ss`, which its system means in UTC. Raises UnreadableDelivery."""
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        try:
            instant = datetime.fromisoformat(value).replace(tzinfo=UTC)
        except ValueError:
            pass
        else:
            if instant.year > 1900:
                return instant
    raise unreadable(pointer, "is no yyyy-MM-dd HH:mm:ss")


def day_of(value: str, *, pointer: str) -> date:
    """`DD.MM.YYYY`. Raises UnreadableDelivery."""
    found = _DAY.fullmatch(value.strip())
    if found is not None:
        try:
            day = date(int(found[3]), int(found[2]), int(found[1]))
        except ValueError:
            pass
        else:
            if 1900 < day.year < 9000:
                return day
    raise unreadable(pointer, "is no DD.MM.YYYY")
