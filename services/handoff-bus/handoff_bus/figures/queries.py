"""Figures of handoffs offered in a stretch of days."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from handoff_bus.deadlines.queries import policy_now
from handoff_bus.deadlines.tables import HandoffDeadline
from handoff_bus.figures.rules import Watched, figures_of, quantile_minutes
from handoff_bus.handoffs.tables import WatchedHandoff

_PERCENT_MEDIAN, _PERCENT_SLOW = 50, 90


class PersonFigures(AnswerModel):
    """One person's handoffs of one direction; times to accept are working minutes, null without an acceptance."""

    employee_id: UUID
    from_stage: str
    to_stage: str
    accepted: int
    returned: int
    returns: dict[str, int]
    median_minutes_to_accept: int | None
    p90_minutes_to_accept: int | None
    overdue_once: int
    overdue_twice: int


class HandoffFigures(AnswerModel):
    """By employee and direction."""

    items: list[PersonFigures]


async def handoff_figures(session: AsyncSession, *, from_on: date, until_on: date) -> HandoffFigures:
    """Of handoffs offered on the department's days `[from_on, until_on)`, as they stand now."""
    policy = await policy_now(session)
    rows = await session.stream(
        select(WatchedHandoff, HandoffDeadline.first_overdue_by, HandoffDeadline.second_overdue_by)
        .outerjoin(HandoffDeadline, HandoffDeadline.handoff_id == WatchedHandoff.handoff_id)
        .where(
            WatchedHandoff.offered_at >= policy.calendar.start_of(from_on),
            WatchedHandoff.offered_at < policy.calendar.start_of(until_on),
        )
    )
    watched = []
    async for handoff, first_overdue_by, second_overdue_by in rows:
        taken = None
        if handoff.state == "accepted" and handoff.offered_at is not None and handoff.answered_at is not None:
            hours = policy.hours_of(policy.terms_at(handoff.offered_at))
            taken = hours.between(handoff.offered_at, handoff.answered_at)
        watched.append(
            Watched(
                from_stage=handoff.from_stage or "",
                to_stage=handoff.to_stage or "",
                state=handoff.state,
                employee_id=handoff.employee_id,
                reason=handoff.reason,
                taken=taken,
                first_overdue_by=first_overdue_by,
                second_overdue_by=second_overdue_by,
            )
        )
    return HandoffFigures(
        items=[
            PersonFigures(
                employee_id=employee_id,
                from_stage=from_stage,
                to_stage=to_stage,
                accepted=len(figures.taken),
                returned=figures.returns.total(),
                returns=dict(sorted(figures.returns.items())),
                median_minutes_to_accept=quantile_minutes(figures.taken, _PERCENT_MEDIAN),
                p90_minutes_to_accept=quantile_minutes(figures.taken, _PERCENT_SLOW),
                overdue_once=figures.overdue_once,
                overdue_twice=figures.overdue_twice,
            )
            for (employee_id, from_stage, to_stage), figures in sorted(figures_of(watched).items())
        ]
    )
