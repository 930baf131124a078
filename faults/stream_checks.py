"""The stream against the logs of the services: the broker has every fact where the log says, and nothing else.

Read message by message, so it costs about a third of a millisecond per fact.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import nats
import nats.js.errors

from conveyor.kit.messaging.regression import STREAM
from conveyor_local.department import SERVICES
from faults.checks import SHOWN_MAX, rows_of
from faults.linked_stack import LinkedStack
from faults.poison import Poison

AT_ONCE = 50
HEARS_ALL = "handoff-bus"

_LOG = "SELECT id, event_id, subject, key, body, created_at, stream_seq FROM outbox_log ORDER BY id"
_QUARANTINED = "SELECT body_sha256 FROM quarantined_messages"


@dataclass(frozen=True, slots=True)
class Logged:
    """A published fact by the log of its service; `row` counts in the order of saying."""

    service: str
    row: int
    event_id: UUID
    subject: str
    key: str
    body: bytes
    said_at: datetime
    stream_seq: int

    @property
    def name(self) -> str:
        """Such as `closing deal_opened 0198…`."""
        return f"{self.service} {self.subject.split('.')[2]} {self.event_id}"


async def stream_is_the_logs(stack: LinkedStack, poison: Poison) -> list[str]:
    """Every logged fact stands at its place, nothing stands there that no log knows, and each key has its order."""
    logged = [
        Logged(
            service,
            row["id"],
            row["event_id"],
            row["subject"],
            row["key"],
            row["body"].encode(),
            row["created_at"],
            row["stream_seq"],
        )
        for service in SERVICES
        for row in await rows_of(stack, service, _LOG)
    ]
    stored = await _stored(stack)
    set_aside = {row["body_sha256"] for row in await rows_of(stack, HEARS_ALL, _QUARANTINED)}
    return [*findings(logged, stored, poison.spilled), *poison_that_was_taken(stored, poison.spilled, set_aside)]


def poison_that_was_taken(
    stored: Mapping[int, bytes], spilled: Collection[bytes], set_aside: Collection[bytes]
) -> list[str]:
    """Bodies that are no facts and that the service which hears everything did not set aside."""
    digests = {seq: hashlib.sha256(body).digest() for seq, body in stored.items()}
    return [
        f"{HEARS_ALL} has no quarantine for the poison at {seq}"
        for seq, digest in digests.items()
        if digest in spilled and digest not in set_aside
    ][:SHOWN_MAX]


def findings(logged: Sequence[Logged], stored: Mapping[int, bytes], spilled: Collection[bytes]) -> list[str]:
    """`stored` are the bodies of the stream by place, `spilled` the SHA-256 of bodies that are no facts."""
    found = [f"{fact.name} is not in the stream" for fact in logged if stored.get(fact.stream_seq) != fact.body]
    known = {fact.body for fact in logged}
    found += [
        f"message {seq} of the stream is in no log"
        for seq, body in stored.items()
        if body not in known and hashlib.sha256(body).digest() not in spilled
    ]
    times = Counter(fact.event_id for fact in logged)
    found += [f"{event_id} is in the logs {number} times" for event_id, number in times.items() if number > 1]
    return [*found[:SHOWN_MAX], *list(_out_of_order(logged, stored))[:SHOWN_MAX]]


def _out_of_order(logged: Sequence[Logged], stored: Mapping[int, bytes]) -> Iterator[str]:
    """What one transaction said under one key comes first in the order in which it was said.

    Between transactions nothing is promised: a row may commit late below ids that are published.
    """
    first: dict[bytes, int] = {}
    for seq in sorted(stored):
        first.setdefault(stored[seq], seq)
    latest: dict[tuple[str, str, datetime], int] = {}
    there = (fact for fact in logged if fact.body in first)
    for fact in sorted(there, key=lambda each: (each.service, each.row)):
        place, together = first[fact.body], (fact.service, fact.key, fact.said_at)
        if place < latest.get(together, 0):
            yield f"{fact.name} stands before what was said before it"
        latest[together] = max(place, latest.get(together, 0))


async def _stored(stack: LinkedStack) -> dict[int, bytes]:
    client = await nats.connect(
        stack.nats.url.split(","),
        user="provisioner",
        password=stack.nats.password_of("provisioner"),
        inbox_prefix="_INBOX_provisioner",
    )
    stored: dict[int, bytes] = {}
    try:
        js = client.jetstream(timeout=10)
        state = (await js.stream_info(STREAM)).state

        async def read(seq: int) -> None:
            with suppress(nats.js.errors.NotFoundError):
                stored[seq] = (await js.get_msg(STREAM, seq)).data or b""

        for start in range(state.first_seq, state.last_seq + 1, AT_ONCE):
            await asyncio.gather(*(read(seq) for seq in range(start, min(start + AT_ONCE, state.last_seq + 1))))
    finally:
        await client.close()
    return stored
