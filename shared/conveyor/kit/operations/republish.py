"""Publishing again, under their old ids, facts that the stream lost. Inboxes make a repetition harmless."""

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from conveyor.kit.database import Database, Transaction
from conveyor.kit.ids import first_id_at
from conveyor.kit.operations.views import Republished
from conveyor.kit.refusals import Refusal

logger = logging.getLogger(__name__)

FACTS_MAX = 10_000

_COUNT = "SELECT count(*) AS found, count(*) FILTER (WHERE erased_at IS NULL) AS whole FROM outbox_log WHERE {which}"
_RETURN = """
    WITH again AS (DELETE FROM outbox_log WHERE {which} AND erased_at IS NULL RETURNING *)
    INSERT INTO outbox (id, event_id, subject, key, body, created_at, copy)
    SELECT id, event_id, subject, key, body, created_at, copy + 1 FROM again ORDER BY id
"""
_NAMED = "event_id = ANY(:ids)"
_BETWEEN = "event_id >= :low AND event_id < :high"


class TooManyFacts(Refusal):
    """So many facts are not published again in one go; choose a shorter stretch of time."""


async def republish_facts(database: Database, *, event_ids: Collection[UUID], reason: str) -> Republished:
    """Publish these facts again. Those that wait in the outbox anyway, or were never said here, count as unknown."""
    wanted = {"ids": sorted(set(event_ids))}
    async with database.transaction() as tx:
        return await _again(tx, _NAMED, wanted, asked=len(wanted["ids"]), reason=reason)


async def republish_stretch(database: Database, *, from_at: datetime, until_at: datetime, reason: str) -> Republished:
    """Publish all facts again that were said in [from_at, until_at). Raises TooManyFacts."""
    wanted = {"low": first_id_at(from_at), "high": first_id_at(until_at)}
    async with database.transaction() as tx:
        return await _again(tx, _BETWEEN, wanted, asked=None, reason=reason)


async def _again(tx: Transaction, which: str, wanted: dict[str, Any], *, asked: int | None, reason: str) -> Republished:
    counted = (await tx.session.execute(_statement(_COUNT, which), wanted)).one()
    if counted.whole > FACTS_MAX:
        raise TooManyFacts(found=counted.whole, most=FACTS_MAX)
    await tx.session.execute(_statement(_RETURN, which), wanted)
    tx.wakes.add(tx.database.committed)
    answer = Republished(
        republished=counted.whole,
        erased=counted.found - counted.whole,
        unknown=0 if asked is None else asked - counted.found,
    )
    logger.warning("%d facts are published again: %s", answer.republished, reason)
    return await tx.commit(answer)


def _statement(template: str, which: str) -> Any:  # noqa: ANN401 - a text clause with or without typed parameters
    clause = text(template.format(which=which))
    return clause.bindparams(bindparam("ids", type_=ARRAY(Uuid()))) if which == _NAMED else clause
