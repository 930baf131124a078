"""Ids: UUID version 7, ordered by the time they were made."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """A new UUIDv7 as the standard library's type."""
    return UUID(bytes=uuid_utils.uuid7().bytes)
