"""Moments as outside systems write them, made aware UTC."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_UNIX_MAX = 221_845_392_000  # the year 9000, the last that a business instant may lie in


def from_unix(text: str, *, per_second: int = 1) -> datetime | None:
    """Seconds since 1970 UTC (`per_second=1000`: milliseconds); None when it is no such number."""
    if not (text.isascii() and text.isdigit()) or len(text) > 16:
        return None
    seconds, rest = divmod(int(text), per_second)
    if not 0 < seconds < _UNIX_MAX:
        return None
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1_000_000 // per_second)


def from_iso(text: str, *, zone: ZoneInfo | None = None) -> datetime | None:
    """ISO 8601; without an offset it is local time of `zone`, and None where no zone is given."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            if zone is None:
                return None
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def zone_named(name: str) -> ZoneInfo:
    """The zone of this IANA name. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = "must be an IANA zone such as Europe/Moscow"
        raise ValueError(msg) from None
