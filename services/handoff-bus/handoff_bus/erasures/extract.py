"""The extract of the event log that belongs to an act of destruction: order 179, item 5."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from handoff_bus.erasures.queries import ErasureView, find_erasure


class LogLine(AnswerModel):
    """One event: the order, `rows` of `what` that a service erased by `at`, messages that left the stream.

    `reapplied` and `erased_again` follow a restored copy; messages purged then count among the purged ones.
    """

    at: datetime
    service: str
    event: Literal["ordered", "erased", "purged", "reapplied", "erased_again"]
    what: str
    rows: int


class ErasureExtract(AnswerModel):
    """What the log holds of one erasure, oldest first.

    Whom it is about, categories, system, reason and day are the act's, so that each paper stands alone. `destroyed_at`
    is null until nothing is left.
    """

    erasure_id: UUID
    kind: Literal["lead", "contact", "employee"]
    subject_id: UUID
    categories: list[str]
    system: str
    ground: str
    destroyed_at: datetime | None
    lines: list[LogLine]


async def extract_of(session: AsyncSession, *, erasure_id: UUID) -> ErasureExtract:
    """The extract of one erasure. Raises NotFound."""
    record = await find_erasure(session, erasure_id=erasure_id)
    return ErasureExtract(
        erasure_id=record.id,
        kind=record.kind,
        subject_id=record.subject_id,
        categories=record.categories,
        system=record.system,
        ground=record.ground,
        destroyed_at=record.completed_at,
        lines=sorted(_lines(record), key=lambda line: line.at),
    )


def _lines(record: ErasureView) -> list[LogLine]:
    lines = [LogLine(at=record.requested_at, service="handoff-bus", event="ordered", what=record.kind, rows=1)]
    for told in record.confirmations:
        lines += [
            LogLine(at=told.confirmed_at, service=told.service, event="erased", what=each.what, rows=each.rows)
            for each in told.erased
        ]
        at = told.repeated_at or told.confirmed_at
        lines += [
            LogLine(at=at, service=told.service, event="erased_again", what=each.what, rows=each.rows)
            for each in told.erased_again
        ]
    if record.reapplied_at is not None:
        lines.append(
            LogLine(at=record.reapplied_at, service="handoff-bus", event="reapplied", what=record.kind, rows=1)
        )
    if record.completed_at is not None:
        purged = record.purged_messages or 0
        lines.append(
            LogLine(at=record.completed_at, service="handoff-bus", event="purged", what="messages", rows=purged)
        )
    return lines
