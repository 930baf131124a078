"""Reading how sources do."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from handoff_bus.deadlines.queries import Policy, policy_now
from handoff_bus.deliveries.tables import Delivery
from handoff_bus.sources.health.rules import Silence, alarm_after, error_rate, silence_of
from handoff_bus.sources.health.tables import DoorRefusal
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.tables import Source


class SilenceView(AnswerModel):
    """How long nothing has come, in working minutes; `alarm` says it in words once it is longer than `after_minutes`.

    `after_minutes` is null where no alarm is raised.
    """

    working_minutes: int
    after_minutes: int | None
    alarm: str | None


class SourceHealth(AnswerModel):
    """How a source does.

    `deliveries` counts what came within the last `hours` by state, `refused` what the door refused then, by code;
    `error_rate` is the share of it that was refused or quarantined. `parked` and `quarantined` are all that wait now.
    """

    source_id: UUID
    source: str
    kind: str
    last_delivery_at: datetime | None
    hours: int
    deliveries: dict[str, int]
    refused: dict[str, int]
    last_refused_at: datetime | None
    error_rate: str
    parked: int
    oldest_parked_at: datetime | None
    quarantined: int
    silence: SilenceView


class HealthOfSources(AnswerModel):
    """Every source, by name."""

    items: list[SourceHealth]


@dataclass(slots=True)
class _Counts:
    states: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    last_refused_at: datetime | None = None
    waiting: dict[str, tuple[int, datetime]] = field(default_factory=dict)


async def health_of(session: AsyncSession, sources: Sequence[Source], *, now: datetime, hours: int) -> HealthOfSources:
    """How these sources do now."""
    policy = await policy_now(session)
    counts = await _counts(session, since=now - timedelta(hours=hours))
    last = await _last_deliveries(session)
    found = [
        _health(source, counts[source.source_id], last.get(source.source_id), policy=policy, now=now, hours=hours)
        for source in sorted(sources, key=lambda source: source.name)
    ]
    return HealthOfSources(items=found)


async def all_sources(session: AsyncSession) -> Sequence[Source]:
    """They are few."""
    return (await session.scalars(select(Source))).all()


async def _last_deliveries(session: AsyncSession) -> dict[UUID, datetime]:
    last = (
        select(Delivery.received_at)
        .where(Delivery.source_id == Source.source_id)
        .order_by(Delivery.delivery_id.desc())
        .limit(1)
        .lateral()
    )
    rows = await session.execute(select(Source.source_id, last.c.received_at).join(last, true()))
    return {source_id: at for source_id, at in rows}  # noqa: C416 - rows are no tuples to the types


async def _counts(session: AsyncSession, *, since: datetime) -> dict[UUID, _Counts]:
    found: defaultdict[UUID, _Counts] = defaultdict(_Counts)
    came = select(Delivery.source_id, Delivery.state, func.count()).where(Delivery.received_at > since)
    for source_id, state, count in await session.execute(came.group_by(Delivery.source_id, Delivery.state)):
        found[source_id].states[state] = count
    oldest = func.min(Delivery.received_at)
    waiting = select(Delivery.source_id, Delivery.state, func.count(), oldest)
    waiting = waiting.where(Delivery.state.in_(["parked", "quarantined"]))
    for source_id, state, count, at in await session.execute(waiting.group_by(Delivery.source_id, Delivery.state)):
        found[source_id].waiting[state] = count, at
    refused = select(
        DoorRefusal.source_id, DoorRefusal.code, func.sum(DoorRefusal.count), func.max(DoorRefusal.last_at)
    ).where(DoorRefusal.last_at > since)
    for source_id, code, count, at in await session.execute(refused.group_by(DoorRefusal.source_id, DoorRefusal.code)):
        counted = found[source_id]
        counted.refused[code] = count
        counted.last_refused_at = max(counted.last_refused_at or at, at)
    return found


def _health(
    source: Source, counts: _Counts, last_at: datetime | None, *, policy: Policy, now: datetime, hours: int
) -> SourceHealth:
    silence = silence_of(
        last_at=last_at or source.created_at,
        now=now,
        hours=policy.hours_of(policy.terms_at(now)),
        after_minutes=alarm_after(chosen=source.silent_after_minutes, usual=KINDS[source.kind].silent_after_minutes),
    )
    parked, oldest_parked_at = counts.waiting.get("parked", (0, None))
    return SourceHealth(
        source_id=source.source_id,
        source=source.name,
        kind=source.kind,
        last_delivery_at=last_at,
        hours=hours,
        deliveries=dict(sorted(counts.states.items())),
        refused=dict(sorted(counts.refused.items())),
        last_refused_at=counts.last_refused_at,
        error_rate=error_rate(counts.states, counts.refused),
        parked=parked,
        oldest_parked_at=oldest_parked_at,
        quarantined=counts.waiting.get("quarantined", (0, None))[0],
        silence=_silence_view(silence, policy),
    )


def _silence_view(silence: Silence, policy: Policy) -> SilenceView:
    return SilenceView(
        working_minutes=silence.working_minutes,
        after_minutes=silence.after_minutes,
        alarm=silence.words(policy.calendar.local(silence.since)) if silence.is_alarm else None,
    )
