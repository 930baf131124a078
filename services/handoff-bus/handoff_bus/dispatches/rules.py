"""What is sent, and when again. Pure.

Source: Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks), sections on the payload, on retries
and on disabling.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import orjson

PING = "ping"

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""Between the attempts: ten of them within some three days."""
SPREAD = 0.2
"""A wait is up to a tenth shorter or longer."""
PATIENCE = timedelta(days=5)
"""A subscription to which nothing could be delivered for so long is disabled."""
REST_SECONDS = 60
KEPT = timedelta(days=30)
"""How long after its beginning a dispatch can be looked up and replayed."""

DispatchState = Literal["pending", "held", "delivered", "failed", "cancelled"]
Outcome = Literal["delivered", "refused", "timeout", "unreachable", "not_allowed"]

GONE = 410
_TOO_MUCH = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: `status` and `retry_after_seconds` where there was an answer."""

    outcome: Outcome
    status: int | None = None
    detail: str | None = None
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from an attempt; no `next_at` means that it was the last one."""

    state: DispatchState
    next_at: datetime | None = None
    disable: Literal["failing", "gone"] | None = None
    rest_until: datetime | None = None


def verdict_of(
    attempt: Attempt, *, type_: str, attempts: int, failing_since: datetime | None, jitter: float, now: datetime
) -> Verdict:
    """What to do after the `attempts`-th attempt; `jitter` lies in [0, 1)."""
    if attempt.outcome == "delivered":
        return Verdict("delivered")
    if type_ == PING:
        return Verdict("failed")
    if attempt.status == GONE:
        return Verdict("pending", now, disable="gone")
    disable: Literal["failing"] | None = "failing" if now - (failing_since or now) >= PATIENCE else None
    rest = timedelta(seconds=max(attempt.retry_after_seconds or 0, REST_SECONDS))
    rest_until = now + rest if attempt.status in _TOO_MUCH else None
    if attempts > len(WAITS):
        return Verdict("failed", disable=disable, rest_until=rest_until)
    wait = WAITS[attempts - 1] * (1 - SPREAD / 2 + SPREAD * jitter)
    return Verdict("pending", max(now + wait, rest_until or now), disable=disable, rest_until=rest_until)


def body_of(*, type_: str, occurred_at: datetime, data: bytes) -> str:
    """The JSON that a subscriber gets: type, timestamp (when it happened), data (JSON)."""
    body = {"type": type_, "timestamp": occurred_at, "data": orjson.Fragment(data)}
    return orjson.dumps(body, option=orjson.OPT_UTC_Z).decode()
