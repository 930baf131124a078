"""A fact on its way out: its envelope as text, and the outbox rows of one transaction in one statement."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.envelope import SUBJECT_ROOT, Fact
from conveyor.contracts.registry import KIND_OF_MODEL
from conveyor.kit.context import RequestContext
from conveyor.kit.direct import Direct

_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")

_INSERT = Direct(
    """
    INSERT INTO outbox (event_id, subject, key, body, created_at)
    SELECT event_id, subject, key, body, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:subjects AS text[]), CAST(:keys AS text[]), CAST(:bodies AS text[]))
        WITH ORDINALITY AS said (event_id, subject, key, body, place)
    ORDER BY place
    """
)


@dataclass(frozen=True, slots=True)
class OutgoingFact:
    """One row of the outbox to be."""

    event_id: UUID
    subject: str
    key: str
    body: str


def outgoing(
    fact: Fact, *, service: str, event_id: UUID, occurred_at: datetime, recorded_at: datetime, context: RequestContext
) -> OutgoingFact:
    """The envelope around a fact. Raises ValueError for a fact this service may not say or an unfit key."""
    kind = KIND_OF_MODEL.get(type(fact))
    if kind is None:
        msg = f"{type(fact).__name__} is not in the registry"
        raise ValueError(msg)
    event_type, key = kind.type_for(service), kind.key_of(fact)
    if not _KEY.fullmatch(key):
        msg = f"the key of {kind.name} does not fit into a subject"
        raise ValueError(msg)
    envelope = {
        "specversion": "1.0",
        "id": event_id,
        "source": f"{SUBJECT_ROOT}/{service}",
        "type": event_type,
        "subject": key,
        "time": occurred_at,
        "datacontenttype": "application/json",
        "recordedtime": recorded_at,
        "correlationid": context.correlation_id,
        "actor": context.actor,
    }
    if context.causation_id is not None:
        envelope["causationid"] = context.causation_id
    if context.traceparent is not None:
        envelope["traceparent"] = context.traceparent
    envelope["data"] = orjson.Fragment(fact.model_dump_json())
    # asyncpg's own UUID class, as rows bring it, is unknown to orjson; its text is the same.
    body = orjson.dumps(envelope, default=str).decode()
    return OutgoingFact(event_id=event_id, subject=f"{event_type}.{key}", key=key, body=body)


async def write_outbox(session: AsyncSession, said: Sequence[OutgoingFact], *, now: datetime) -> None:
    """Insert in the order of saying."""
    await _INSERT.rows(
        session,
        now=now,
        ids=[fact.event_id for fact in said],
        subjects=[fact.subject for fact in said],
        keys=[fact.key for fact in said],
        bodies=[fact.body for fact in said],
    )
