"""Messages that failed, put into the tables of a running service: nothing in a healthy department fails by itself."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import asyncpg

from conveyor.kit.ids import new_id
from conveyor_local.stack import LocalStack

_LETTER = """
INSERT INTO dead_letters (event_id, subject, key, body, stream_seq, attempts, reason, traceback, died_at)
VALUES ($1, $2, 'spare', '{}', 1, 8, 'KeyError', 'nowhere', now())
"""
_UNPUBLISHABLE = """
INSERT INTO outbox_dead (id, event_id, subject, key, body, created_at, died_at, reason)
VALUES ($3, $1, $2, 'spare', $4, now(), now(), 'too large')
"""
_GAP = """
INSERT INTO intake_checks (list_id, said_by, from_at, until_at, awaited, unseen, missing, compared_at)
VALUES ($1, 'closing', now(), now(), 1, ARRAY[$1::uuid], 1, now())
"""
# Facts of a version that no reader knows: read again, they are left alone.
_QUARANTINED = """
INSERT INTO quarantined_messages (stream_seq, body_sha256, subject, body, reason, quarantined_at)
VALUES ($1, $2, $3, $4, 'no fact', now())
"""
_ANNOUNCED = """
INSERT INTO announced_dead_letters (service, message_id, revision, key, said_by, fact, stream_seq, attempts, replays,
    reason, died_at, state)
VALUES ('closing', $1, 1, 'spare', 'closing', 'deal_lost.v1', 1, 8, 0, 'KeyError', now(), 'open')
"""
_CLAIM = """
INSERT INTO correlated_references (reference_id, system, value, lead_id, state, recorded_at)
VALUES ($1, 'contract', 'of two leads', $2, $3, now())
"""


async def leave_failures(stack: LocalStack, service: str) -> dict[str, str]:
    """Two dead letters, unpublishable facts, quarantined messages, a gap; at the bus also a letter and a conflict."""
    ids = {name: new_id() for name in ("letter", "letter_2", "unpublishable", "unpublishable_2", "list", "message")}
    subject = f"conveyor.{service}.spare.v1.spare"
    connection = await asyncpg.connect(stack.database_urls(service).app)
    try:
        for number, name in enumerate(("letter", "letter_2")):
            await connection.execute(_LETTER, ids[name], subject)
            unpublishable = ids[name.replace("letter", "unpublishable")]
            body = json.dumps(_of_a_newer_version(service, str(unpublishable)))
            await connection.execute(_UNPUBLISHABLE, unpublishable, subject, 2**40 + number, body)
        await connection.execute(_GAP, ids["list"])
        message = json.dumps(_of_a_newer_version(service, str(new_id()))).encode()
        digest = hashlib.sha256(message).digest()
        for number in (2**40, 2**40 + 1):
            await connection.execute(_QUARANTINED, number, digest, subject, message)
        if service == "handoff-bus":
            await connection.execute(_ANNOUNCED, ids["message"])
            for name, state in (("held", "active"), ("reference", "conflict")):
                ids[name] = new_id()
                await connection.execute(_CLAIM, ids[name], new_id(), state)
    finally:
        await connection.close()
    quarantined = {"quarantined_id": str(2**40), "quarantined_2_id": str(2**40 + 1), "digest_id": digest.hex()}
    return {f"{name}_id": str(each) for name, each in ids.items()} | quarantined | {"service_name": "closing"}


def _of_a_newer_version(service: str, event_id: str) -> dict[str, Any]:
    """A fact that no reader knows, so that nothing happens when it is published."""
    now = datetime.now(tz=UTC).isoformat()
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"conveyor/{service}",
        "subject": "spare",
        "type": f"conveyor.{service}.spare.v1",
        "time": now,
        "datacontenttype": "application/json",
        "recordedtime": now,
        "correlationid": event_id,
        "actor": "system",
        "data": {},
    }
