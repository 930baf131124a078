"""Publishing outbox rows to the stream: a batch that is stored whole or not at all, or one row alone.

Raw headers, because `publish_async` of nats-py never resolves on an error. Each message carries its event id as
`Nats-Msg-Id`, from the second copy on with the copy's number.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import nats.errors
from nats.aio.client import Client

from conveyor.kit.ids import new_id
from conveyor.kit.messaging.connection import Connection

ACK_SECONDS = 5
BATCH_ROWS_MAX = 500
BATCH_BYTES_MAX = 2_000_000
HEADER_BYTES = 1_024
# So few are published side by side, each with a sync of its own: a batch costs the broker files of its own and four
# syncs, however small it is.
FEW_ROWS = 6

# JetStream error codes: maximum bytes or messages exceeded, insufficient resources, no quorum or not yet recovered.
_STREAM_FULL = 10077
_LATER = frozenset({_STREAM_FULL, 10008, 10023, 10028, 10047, 10122})
# Message or headers larger than the stream takes. Whatever else it says may pass: a cluster without a quorum refuses a
# repetition as "in process" (10158), and a fact that is given up is one that somebody is not paid for.
_NEVER = frozenset({10054, 10097})


@dataclass(frozen=True, slots=True)
class PendingRow:
    """A row of the outbox."""

    id: int
    event_id: UUID
    subject: str
    key: str
    body: bytes
    copy: int = 1

    @property
    def message_id(self) -> str:
        """What the broker knows repetitions by: another one for each copy that is meant to be stored."""
        return str(self.event_id) if self.copy == 1 else f"{self.event_id}.{self.copy}"


@dataclass(frozen=True, slots=True)
class Ack:
    """Where the stream keeps the message; `is_repeated` when it had it before."""

    stream_seq: int
    is_repeated: bool


class NotNow(Exception):
    """The broker is away, full or silent: it is not known whether the message is stored; try again later."""


class BatchRefused(Exception):
    """The batch as a whole was not accepted or its fate is not known: publish its rows by themselves."""


class NeverPublishable(Exception):
    """This row will be refused however often it is tried."""


def fits(row: PendingRow, client: Client) -> bool:
    """Whether the server takes a message of this size at all."""
    return len(row.body) + HEADER_BYTES <= client.max_payload


def few_of_different_keys(rows: Sequence[PendingRow]) -> tuple[list[PendingRow], list[PendingRow]]:
    """The first few, each the oldest of its key, and the others in their order."""
    few: list[PendingRow] = []
    others: list[PendingRow] = []
    keys: set[str] = set()
    for row in rows:
        is_next = row.key not in keys and len(few) < FEW_ROWS
        (few if is_next else others).append(row)
        keys.add(row.key)
    return few, others


async def publish_batch(client: Client, rows: Sequence[PendingRow]) -> list[Ack]:
    """Store all rows in their order with one commit, whose answer is that for all. Raises BatchRefused or NotNow."""
    batch = new_id().hex
    headers = [
        {"Nats-Msg-Id": row.message_id, "Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(place)}
        for place, row in enumerate(rows, start=1)
    ]
    headers[-1]["Nats-Batch-Commit"] = "1"
    try:
        for row, header in zip(rows[:-1], headers[:-1], strict=True):
            await client.publish(row.subject, row.body, headers=header)
        answer = _accepted(await _ask(client, rows[-1], headers[-1]))
    except (nats.errors.Error, OSError, _Refused) as error:
        if isinstance(error, _Refused) and error.code in _LATER:
            raise NotNow(str(error)) from error
        raise BatchRefused(str(error) or type(error).__name__) from error
    if answer.get("count") != len(rows):
        msg = f"{answer.get('count')} of {len(rows)} rows were counted"
        raise BatchRefused(msg)
    first = int(answer["seq"]) - len(rows) + 1
    return [Ack(stream_seq=first + place, is_repeated=False) for place in range(len(rows))]


async def publish_one(connection: Connection, client: Client, row: PendingRow) -> Ack:
    """Store one row. Raises NeverPublishable or NotNow."""
    if not fits(row, client):
        msg = f"{len(row.body)} bytes are more than the server takes"
        raise NeverPublishable(msg)
    denied_before = connection.violations[row.subject.lower()]
    try:
        answer = _accepted(await _ask(client, row, {"Nats-Msg-Id": row.message_id}))
    except (nats.errors.BadSubjectError, nats.errors.MaxPayloadError) as error:
        raise NeverPublishable(type(error).__name__) from error
    except _Refused as error:
        raise (NotNow if error.may_pass else NeverPublishable)(str(error)) from error
    except (nats.errors.Error, OSError) as error:
        # A denied subject is answered by silence; the violation comes beside it.
        if connection.violations[row.subject.lower()] > denied_before:
            msg = "the server denies this subject"
            raise NeverPublishable(msg) from error
        raise NotNow(type(error).__name__) from error
    return Ack(stream_seq=int(answer["seq"]), is_repeated=bool(answer.get("duplicate")))


class _Refused(Exception):
    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error.get('description')} ({error.get('err_code')})")
        self.code = int(error.get("err_code", 0))
        self.may_pass = self.code not in _NEVER


async def _ask(client: Client, row: PendingRow, headers: dict[str, str]) -> bytes:
    try:
        return (await client.request(row.subject, row.body, timeout=ACK_SECONDS, headers=headers)).data
    except asyncio.CancelledError:
        raise
    except TimeoutError as late:
        raise nats.errors.TimeoutError from late


def _accepted(data: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(data) if data else {}
    if "error" in answer:
        raise _Refused(answer["error"])
    return answer
