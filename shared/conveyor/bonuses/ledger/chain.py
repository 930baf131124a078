"""The hash chain: canonical JSON of an entry and SHA-256 over it. Pure.

Every field is inside the hash, the journal number, the chain's id and the hash of the entry before it too.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

GENESIS = "0" * 64

HASHED_FIELDS = (
    "journal_no",
    "entry_id",
    "chain_id",
    "employee_id",
    "role",
    "component",
    "plan_code",
    "plan_version",
    "cause",
    "cause_id",
    "lead_id",
    "earned_on",
    "period",
    "kind",
    "reverses",
    "revision",
    "amount_minor",
    "currency",
    "explanation",
    "recorded_at",
    "prev_hash",
)


def canonical_json(value: object) -> bytes:
    """One spelling per value: sorted keys, no spaces, UTF-8; UUIDs and dates as text, instants in UTC."""
    return orjson.dumps(value, default=_as_text, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)


def hash_of(entry: Mapping[str, Any]) -> str:
    """The hash of an entry given as its columns by name; `hash` itself is not looked at."""
    return hashlib.sha256(canonical_json({field: entry[field] for field in HASHED_FIELDS})).hexdigest()


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    # The driver has a UUID of its own.
    if isinstance(value, UUID):
        return str(value)
    msg = f"no canonical form for {type(value).__name__}"
    raise TypeError(msg)
