"""The inbox and what stands beside it: who was handled, who failed how often, who is set aside, refused."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.database import Transaction
from conveyor.kit.direct import Direct
from conveyor.kit.messaging.erased import erased_of, without_erased
from conveyor.kit.messaging.events import WaitsFor
from conveyor.kit.messaging.incoming import Incoming, Message
from conveyor.kit.messaging.tables import ParkedFact, QuarantinedMessage

REASON_CHARS_MAX = 2_000

_ENTER = Direct(
    """
    INSERT INTO inbox (event_id, body_sha256, stream_seq, handled_at)
    SELECT event_id, body_sha256, stream_seq, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:digests AS bytea[]), CAST(:seqs AS bigint[]))
        AS come (event_id, body_sha256, stream_seq)
    ORDER BY event_id
    ON CONFLICT DO NOTHING
    RETURNING event_id
    """
)
_DIGESTS = text("SELECT event_id, body_sha256 FROM inbox WHERE event_id = ANY(CAST(:ids AS uuid[]))")
_FAILED = text(
    """
    INSERT INTO message_attempts AS known (event_id, attempts, first_failed_at, last_failed_at)
    VALUES (:id, 1, :now, :now)
    ON CONFLICT (event_id) DO UPDATE SET attempts = known.attempts + 1, last_failed_at = excluded.last_failed_at
    RETURNING attempts
    """
)
_FORGET = text("DELETE FROM message_attempts WHERE event_id = :id")
_FORGET_OVER = text(
    "DELETE FROM message_attempts WHERE EXISTS (SELECT FROM inbox WHERE inbox.event_id = message_attempts.event_id)"
)


async def enter(tx: Transaction, come: Sequence[Incoming]) -> tuple[list[Incoming], list[tuple[Message, str]]]:
    """Note these as handled. Returns the new ones, and those whose id was used before for another body, with a reason.

    An id that another consumer is handling right now is waited for.
    """
    if not come:
        return [], []
    rows = await _ENTER.rows(
        tx.session,
        now=tx.now,
        ids=[each.event_id for each in come],
        digests=[each.message.digest for each in come],
        seqs=[each.message.stream_seq for each in come],
    )
    new = {row.event_id for row in rows}
    known = [each for each in come if each.event_id not in new]
    return [each for each in come if each.event_id in new], await forged(tx.session, known)


async def forged(session: AsyncSession, known: Sequence[Incoming]) -> list[tuple[Message, str]]:
    """Those of them whose id is not in the inbox with this body, with a reason."""
    if not known:
        return []
    rows = await session.execute(_DIGESTS, {"ids": [each.event_id for each in known]})
    digests: dict[Any, bytes] = {row.event_id: row.body_sha256 for row in rows}
    erased = await erased_of(session, (each.event.key for each in known))
    return [
        (each.message, "the id was used before with another body")
        for each in known
        if digests.get(each.event_id) != each.message.digest and each.event.key not in erased
    ]


async def quarantine(tx: Transaction, refused: Sequence[tuple[Message, str]]) -> None:
    """Keep messages that must not be applied, with the reason."""
    if not refused:
        return
    rows = [
        {
            "stream_seq": message.stream_seq,
            "body_sha256": message.digest,
            "subject": message.subject,
            "body": message.body,
            "reason": reason[:REASON_CHARS_MAX],
            "quarantined_at": tx.now,
        }
        for message, reason in refused
    ]
    await tx.session.execute(insert(QuarantinedMessage).on_conflict_do_nothing(), rows)


async def count_failure(tx: Transaction, item: Incoming) -> int:
    """How often this message has failed now."""
    attempts: int = (await tx.session.execute(_FAILED, {"id": item.event_id, "now": tx.now})).scalar_one()
    return attempts


async def forget_failures(tx: Transaction, item: Incoming) -> None:
    """It was handled, or it is given up."""
    await tx.session.execute(_FORGET, {"id": item.event_id})


async def forget_failures_over(tx: Transaction) -> None:
    """Of messages that were handled among others in the end: a batch does not ask who of them failed before."""
    await tx.session.execute(_FORGET_OVER)


async def park(tx: Transaction, item: Incoming, missing: WaitsFor) -> None:
    """Set the fact aside as due: it is tried once more when this row is visible (see parked.py)."""
    [bare] = await without_erased(tx.session, [item])
    row = {
        "event_id": item.event_id,
        "thing": missing.thing,
        "key": missing.key,
        "subject": item.message.subject,
        "body": bare.text,
        "stream_seq": item.message.stream_seq,
        "parked_at": tx.now,
        "due_at": text("clock_timestamp()"),
    }
    statement = insert(ParkedFact).values(row)
    await tx.session.execute(statement.on_conflict_do_nothing())
    tx.wakes.add(tx.database.released)
