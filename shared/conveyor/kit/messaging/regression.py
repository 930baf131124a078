"""What to do when the stream went back: a wiped volume, an older copy, a crash that lost acknowledged messages.

PostgreSQL is the record. The newest message of the log is read back from the stream; when it is not there, the last
row that still is there is searched, and all later rows return to the outbox under their old ids, to be published again.
Inboxes make the repetition harmless. Erased rows stay away: the stream lost them on purpose.
"""

import contextlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import nats.errors
from nats.aio.client import Client

from conveyor.kit.messaging.publishing import ACK_SECONDS, NotNow

STREAM = "CONVEYOR"

_NEWEST = """
    SELECT event_id, subject, stream_seq FROM outbox_log
    WHERE stream_seq <= $1 AND erased_at IS NULL ORDER BY stream_seq DESC LIMIT 1
"""
_KNOWN = """
    SELECT EXISTS (SELECT FROM outbox_log WHERE event_id = $1 AND stream_seq = $2)
        OR EXISTS (SELECT FROM outbox WHERE event_id = $1)
"""
_RETURN = """
    WITH lost AS (DELETE FROM outbox_log WHERE stream_seq > $1 AND erased_at IS NULL RETURNING *)
    INSERT INTO outbox (id, event_id, subject, key, body, created_at, copy)
    SELECT id, event_id, subject, key, body, created_at, copy FROM lost ORDER BY id
    ON CONFLICT (id) DO NOTHING
"""
_ANY = 2**62


@dataclass(frozen=True, slots=True)
class _Stored:
    stream_seq: int
    event_id: str


async def newest_stream_seq(database: "asyncpg.Connection[Any]") -> int:
    """The highest place in the stream that the log knows; 0 when nothing was published."""
    row = await database.fetchrow(_NEWEST, _ANY)
    return int(row["stream_seq"]) if row else 0


async def return_lost_rows(database: "asyncpg.Connection[Any]", client: Client) -> int:
    """Put rows that the stream lost back into the outbox. Returns how many. Raises NotNow when the stream is silent."""
    newest = await database.fetchrow(_NEWEST, _ANY)
    if newest is None or await _stands(database, client, newest):
        return 0
    last_good = await _last_standing(database, client, high=int(newest["stream_seq"]) - 1)
    async with database.transaction():
        await database.execute("SET LOCAL statement_timeout = 0")
        done = await database.execute(_RETURN, last_good, timeout=600)
    return int(done.rpartition(" ")[2])


async def _last_standing(database: "asyncpg.Connection[Any]", client: Client, *, high: int) -> int:
    low = 0
    while low < high:
        middle = (low + high + 1) // 2
        row = await database.fetchrow(_NEWEST, middle)
        if row is None or await _stands(database, client, row):
            low = middle
        else:
            high = int(row["stream_seq"]) - 1
    return low


async def _stands(database: "asyncpg.Connection[Any]", client: Client, row: "asyncpg.Record") -> bool:
    # The stream gives the last message of a subject. A later one than the row's proves the row only if we know it.
    stored = await _last_of(client, row["subject"])
    if stored is None or stored.stream_seq < row["stream_seq"]:
        return False
    if stored.stream_seq == row["stream_seq"]:
        return stored.event_id == str(row["event_id"])
    with contextlib.suppress(ValueError):
        return bool(await database.fetchval(_KNOWN, UUID(stored.event_id), stored.stream_seq))
    return False


async def _last_of(client: Client, subject: str) -> _Stored | None:
    try:
        answer = await client.request(f"$JS.API.DIRECT.GET.{STREAM}.{subject}", timeout=ACK_SECONDS)
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise NotNow(type(error).__name__) from error
    headers = answer.headers or {}
    if headers.get("Status") == "404":
        return None
    if "Nats-Sequence" not in headers:
        raise NotNow(headers.get("Description") or "no answer to a direct get")
    message_id = headers.get("Nats-Msg-Id", "")
    return _Stored(stream_seq=int(headers["Nats-Sequence"]), event_id=message_id.partition(".")[0])
