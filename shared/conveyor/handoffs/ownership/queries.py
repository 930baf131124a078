"""Reads of ownership."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.handoffs.ownership.tables import OwnerIntervalRow
from conveyor.kit.http.models import AnswerModel


class OwnerIntervalView(AnswerModel):
    """Who owned it in `[from, until)`; without `until` he owns it from `from` on."""

    employee_id: UUID
    from_at: datetime
    until: datetime | None


def owned_by(thing_id: ColumnElement[UUID] | Any, employee_id: UUID, at: datetime) -> ColumnElement[bool]:  # noqa: ANN401 - a mapped attribute is not a ColumnElement to the type checker
    """SQL condition: the thing of that column belongs to the employee at this instant."""
    return exists().where(
        OwnerIntervalRow.thing_id == thing_id, OwnerIntervalRow.employee_id == employee_id, *covers(at)
    )


async def intervals_of(session: AsyncSession, thing_ids: Sequence[UUID]) -> Mapping[UUID, list[OwnerIntervalView]]:
    """All intervals of each thing, oldest first; a thing without any is missing."""
    rows = await session.scalars(
        select(OwnerIntervalRow)
        .where(OwnerIntervalRow.thing_id.in_(thing_ids))
        .order_by(OwnerIntervalRow.thing_id, OwnerIntervalRow.from_at)
    )
    found: dict[UUID, list[OwnerIntervalView]] = defaultdict(list)
    for row in rows:
        found[row.thing_id].append(OwnerIntervalView(employee_id=row.employee_id, from_at=row.from_at, until=row.until))
    return found


def owner_at(intervals: Iterable[OwnerIntervalView], at: datetime) -> UUID | None:
    """Whoever owns it at this instant, None while it is vacant."""
    for interval in intervals:
        if interval.from_at <= at and (interval.until is None or at < interval.until):
            return interval.employee_id
    return None


def covers(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """SQL conditions: the interval covers this instant."""
    return (OwnerIntervalRow.from_at <= at, or_(OwnerIntervalRow.until.is_(None), OwnerIntervalRow.until > at))
