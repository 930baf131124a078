"""Ids: UUID version 7, ordered by the time they were made."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """A new UUIDv7 as the standard library's type."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def first_id_at(instant: datetime) -> UUID:
    """The lowest id of this moment: ids from `first_id_at(a)` on and below `first_id_at(b)` were made in [a, b)."""
    return UUID(int=max(0, (instant - _EPOCH) // timedelta(milliseconds=1)) << 80)
