"""Keys whose facts hold nothing personal any more: those that come late, and those that are kept in this database.

`mark_erased` and `scrub_messages` belong to one transaction. From its commit on every fact under the key is handled
without persons, whatever its message says.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

import orjson
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.envelope import Fact
from conveyor.contracts.personal import Erased, without_persons
from conveyor.contracts.registry import KIND_OF_TYPE
from conveyor.kit.direct import Direct
from conveyor.kit.messaging.incoming import Incoming

logger = logging.getLogger(__name__)

GONE = "{}"
_GONE_ANSWER = '{"type":"about:blank","title":"Gone","status":410,"code":"erased"}'

_MARK = text(
    """
    INSERT INTO erased_keys (key, part, pseudonym) VALUES (:key, :part, :pseudonym)
    ON CONFLICT (key, part) DO NOTHING
    """
)
_ERASED = Direct("SELECT key, part, pseudonym FROM erased_keys WHERE key = ANY(CAST(:keys AS text[]))")
# The outbox before its log: a row that the relay moves meanwhile is waited for, and then found in the log.
_KEPT = {
    "outbox": "key = :key",
    "outbox_log": "key = :key AND body IS NOT NULL",
    "outbox_dead": "key = :key",
    "parked_facts": "subject LIKE '%.' || :key",
    "dead_letters": "key = :key",
}
_LOG_ROWS = text(
    """
    UPDATE outbox_log SET erased_at = clock_timestamp()
    WHERE key = :key AND erased_at IS NULL AND (:all OR split_part(subject, '.', 3) = ANY(CAST(:purged AS text[])))
    """
)
_REASONS = text("UPDATE dead_letters SET reason = 'erased', traceback = '', settled_reason = NULL WHERE key = :key")
_QUARANTINED = text(
    """
    UPDATE quarantined_messages SET body = ''::bytea, settled_reason = NULL
    WHERE subject LIKE '%.' || :key AND body <> ''::bytea
    """
)
_ANSWERS = text(
    "UPDATE idempotency_keys SET status = 410, body = :gone WHERE body LIKE '%' || :key || '%' AND status <> 410"
)
_EVERYBODY = UUID(int=0)


async def mark_erased(session: AsyncSession, *, key: str, erased: Erased) -> None:
    """Facts under `key` are handled without these persons once this commits."""
    values = {"key": key, "part": erased.contact_id or _EVERYBODY, "pseudonym": erased.pseudonym}
    await session.execute(_MARK, values)


async def erased_of(session: AsyncSession, keys: Iterable[str]) -> dict[str, list[Erased]]:
    """Who is erased under which of these keys; most keys are not there."""
    found: dict[str, list[Erased]] = {}
    for row in await _ERASED.rows(session, keys=sorted(set(keys))):
        part = None if row.part == _EVERYBODY else row.part
        found.setdefault(row.key, []).append(Erased(row.pseudonym, part, keeps_names=part is not None))
    return found


async def without_erased(session: AsyncSession, items: Sequence[Incoming]) -> list[Incoming]:
    """The same events in the same order; what is personal under erased keys is gone, from the message's text too."""
    erased = await erased_of(session, (item.event.key for item in items)) if items else {}
    return [_without(item, erased[item.event.key]) if item.event.key in erased else item for item in items]


async def scrub_messages(
    session: AsyncSession, *, key: str, erased: Erased, purged: Sequence[str] | None
) -> list[tuple[str, int]]:
    """Take these persons out of all facts under `key` that this database keeps; says how many rows changed where.

    `purged` names the facts (`touch_recorded`) that the stream will lose, None says all: like the rows that change,
    those of the log are noted as erased, so that nobody believes that the stream lost them by accident.
    """
    done = [(table, await _scrub(session, table, key=key, erased=erased)) for table in _KEPT]
    await session.execute(_LOG_ROWS, {"key": key, "all": purged is None, "purged": list(purged or ())})
    await session.execute(_REASONS, {"key": key})
    for table, statement in (("quarantined_messages", _QUARANTINED), ("idempotency_keys", _ANSWERS)):
        values = {"key": key} if table == "quarantined_messages" else {"key": key, "gone": _GONE_ANSWER}
        done.append((table, (await session.execute(statement, values)).rowcount))  # type: ignore[attr-defined] # an UPDATE gives a cursor result
    return done


async def _scrub(session: AsyncSession, table: str, *, key: str, erased: Erased) -> int:
    rows = await session.execute(
        text(f"SELECT event_id, body FROM {table} WHERE {_KEPT[table]} FOR UPDATE"),  # noqa: S608 - names of this file
        {"key": key},
    )
    scrubbed = [(row.event_id, body) for row in rows if (body := scrubbed_body(row.body, erased)) != row.body]
    if scrubbed:
        noted = ", erased_at = clock_timestamp()" if table == "outbox_log" else ""
        await session.execute(
            text(
                f"""
                UPDATE {table} SET body = come.body{noted}
                FROM unnest(CAST(:ids AS uuid[]), CAST(:bodies AS text[])) AS come (id, body)
                WHERE {table}.event_id = come.id
                """  # noqa: S608 - names of this file
            ),
            {"ids": [each for each, _ in scrubbed], "bodies": [body for _, body in scrubbed]},
        )
    return len(scrubbed)


def scrubbed_body(body: str, erased: Erased) -> str:
    """The envelope with its fact without these persons; of a fact that nobody can read nothing is left."""
    try:
        envelope = orjson.loads(body)
        fact = KIND_OF_TYPE[envelope["type"]].model.model_validate(envelope["data"])
    except (ValueError, KeyError, TypeError, ValidationError):
        return GONE
    bare = without_persons(fact, erased)
    if bare == fact:
        return body
    envelope["data"] = orjson.Fragment(bare.model_dump_json())
    return orjson.dumps(envelope).decode()


def _without(item: Incoming, erased: Sequence[Erased]) -> Incoming:
    fact: Fact = item.event.fact
    body = item.text
    for each in erased:
        fact, body = without_persons(fact, each), scrubbed_body(body, each)
    return replace(item, event=replace(item.event, fact=fact), message=replace(item.message, body=body.encode()))
