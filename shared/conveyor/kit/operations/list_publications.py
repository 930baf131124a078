"""The producers' side of the self-check: a service lists what it said, stretch by stretch, without a hole."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from conveyor.contracts.messages import ListedFacts, PublicationsListed, RegularReport
from conveyor.contracts.registry import FACT_KINDS
from conveyor.kit.database import Database, Transaction, lock
from conveyor.kit.ids import first_id_at
from conveyor.kit.operations.tables import PublicationList

CLOCKS_APART_MAX = timedelta(seconds=5)
ROUTINE = timedelta(hours=1)
IDS_IN_A_PART = 2000

_UNLISTED = frozenset(kind.code for kind in FACT_KINDS if issubclass(kind.model, RegularReport))

# A transaction that runs may still commit facts with ids as old as its beginning.
_SETTLED = text(
    """
    SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    """
)
_OLDEST = text(
    """
    SELECT event_id FROM (
        (SELECT event_id FROM outbox_log ORDER BY event_id LIMIT 1)
        UNION ALL (SELECT event_id FROM outbox ORDER BY event_id LIMIT 1)
        UNION ALL (SELECT event_id FROM outbox_dead ORDER BY event_id LIMIT 1)
    ) AS oldest ORDER BY event_id LIMIT 1
    """
)
_SAID = text(
    """
    SELECT event_id, subject FROM outbox_log WHERE event_id >= :low AND event_id < :high AND erased_at IS NULL
    UNION ALL SELECT event_id, subject FROM outbox WHERE event_id >= :low AND event_id < :high
    UNION ALL SELECT event_id, subject FROM outbox_dead
        WHERE event_id >= :low AND event_id < :high AND discarded_at IS NULL
    ORDER BY event_id
    """
)


async def list_publications(database: Database, *, is_routine: bool) -> int | None:
    """List what was said since the last list, at most to the end of its day (UTC). Returns how many facts that were.

    None when no list is made: no time has passed, or, as routine, less than an hour or nothing was said on this day
    yet. Facts of transactions that still run are left to the next list.
    """
    async with database.transaction() as tx:
        await lock(tx, "publication lists")
        from_at = await _listed_until(tx)
        settled_at = await _settled_at(tx)
        if from_at is None or settled_at <= from_at:
            return None
        until_at = min(settled_at, _midnight_after(from_at))
        may_wait = is_routine and until_at == settled_at
        if may_wait and until_at - from_at < ROUTINE:
            return None
        rows = (await tx.session.execute(_SAID, {"low": first_id_at(from_at), "high": first_id_at(until_at)})).all()
        said = [(code, row.event_id) for row in rows if (code := _code(row.subject)) not in _UNLISTED]
        if may_wait and not said:
            return None
        tx.session.add(PublicationList(from_at=from_at, until_at=until_at, facts=len(said)))
        parts = list(_parts(said))
        for number, facts in enumerate(parts, start=1):
            tx.say(PublicationsListed(from_at=from_at, until_at=until_at, part=number, parts=len(parts), facts=facts))
        return await tx.commit(len(said))


async def _listed_until(tx: Transaction) -> datetime | None:
    """Where the last list ended; before the first one, the second of the oldest fact."""
    listed: datetime | None = await tx.session.scalar(select(func.max(PublicationList.until_at)))
    if listed is not None:
        return listed
    oldest = await tx.session.scalar(_OLDEST)
    if oldest is None:
        return None
    return datetime.fromtimestamp((oldest.int >> 80) // 1000, UTC)


async def _settled_at(tx: Transaction) -> datetime:
    settled: Any = await tx.session.scalar(_SETTLED)
    moment: datetime = settled.astimezone(UTC) - CLOCKS_APART_MAX
    # Ids know milliseconds.
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _midnight_after(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def _code(subject: str) -> str:
    return ".".join(subject.split(".")[2:4])


def _parts(said: Sequence[tuple[str, UUID]]) -> Iterator[tuple[ListedFacts, ...]]:
    for first in range(0, max(1, len(said)), IDS_IN_A_PART):
        by_code: dict[str, list[UUID]] = {}
        for code, event_id in said[first : first + IDS_IN_A_PART]:
            by_code.setdefault(code, []).append(UUID(int=event_id.int))
        yield tuple(ListedFacts(fact=code, ids=tuple(ids)) for code, ids in sorted(by_code.items()))
