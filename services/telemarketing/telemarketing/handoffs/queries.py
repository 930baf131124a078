"""Reads of outgoing handoffs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.pagination import Page, PageRequest, page_of
from telemarketing.handoffs.answers import HandoffView
from telemarketing.handoffs.rules import Answer, AnswerKind, HandoffState, HeldSpan, held_span, last_word
from telemarketing.handoffs.tables import HandoffAnswer, OutgoingHandoff
from telemarketing.leads.tables import Lead


async def handoffs_of(session: AsyncSession, lead_id: UUID) -> Sequence[OutgoingHandoff]:
    """The lead's handoffs, oldest first."""
    found = await session.scalars(
        select(OutgoingHandoff)
        .where(OutgoingHandoff.lead_id == lead_id)
        .order_by(OutgoingHandoff.offered_at, OutgoingHandoff.handoff_id)
    )
    return found.all()


async def held_spans(session: AsyncSession, lead_id: UUID) -> list[HeldSpan]:
    """The times in which the lead was, or is, handed over."""
    handoffs = await handoffs_of(session, lead_id)
    answers = await answers_to(session, [handoff.handoff_id for handoff in handoffs])
    return [
        held_span(offered_at=handoff.offered_at, answers=[as_rule(row) for row in answers[handoff.handoff_id]])
        for handoff in handoffs
    ]


async def answers_to(session: AsyncSession, handoff_ids: Iterable[UUID]) -> dict[UUID, list[HandoffAnswer]]:
    """What was said of each handoff."""
    found: dict[UUID, list[HandoffAnswer]] = defaultdict(list)
    rows = await session.scalars(
        select(HandoffAnswer)
        .where(HandoffAnswer.handoff_id.in_(list(handoff_ids)))
        .execution_options(populate_existing=True)
    )
    for row in rows:
        found[row.handoff_id].append(row)
    return found


def as_rule(row: HandoffAnswer) -> Answer:
    """A stored answer as the rules take it."""
    return Answer(kind=cast("AnswerKind", row.kind), occurred_at=row.occurred_at, event_id=row.event_id)


async def list_handoffs(
    session: AsyncSession,
    *,
    seen_by_sdr: UUID | None,
    lead_id: UUID | None,
    employee_id: UUID | None,
    state: HandoffState | None,
    page: PageRequest,
) -> Page[HandoffView]:
    """A page of handoffs. `seen_by_sdr` narrows it to those he offered or whose lead he owns."""
    statement: Select[OutgoingHandoff] = select(OutgoingHandoff)
    if seen_by_sdr is not None:
        own_leads = select(Lead.lead_id).where(Lead.owner_id == seen_by_sdr)
        statement = statement.where(
            or_(OutgoingHandoff.offered_by == seen_by_sdr, OutgoingHandoff.lead_id.in_(own_leads))
        )
    if lead_id is not None:
        statement = statement.where(OutgoingHandoff.lead_id == lead_id)
    if employee_id is not None:
        statement = statement.where(OutgoingHandoff.offered_by == employee_id)
    if state is not None:
        statement = statement.where(OutgoingHandoff.state == state)
    handoffs, next_cursor = await page_of(session, statement, key=(OutgoingHandoff.handoff_id,), page=page)
    return Page(items=await handoff_views(session, handoffs), next_cursor=next_cursor)


async def handoff_views(session: AsyncSession, handoffs: Sequence[OutgoingHandoff]) -> list[HandoffView]:
    """The handoffs with what was said of them."""
    answers = await answers_to(session, [handoff.handoff_id for handoff in handoffs])
    return [_view(handoff, answers[handoff.handoff_id]) for handoff in handoffs]


def _view(handoff: OutgoingHandoff, answers: Sequence[HandoffAnswer]) -> HandoffView:
    routed = next((row for row in answers if row.kind == "routed"), None)
    word = last_word([as_rule(row) for row in answers])
    standing = next((row for row in answers if word is not None and row.kind == word.kind), None)
    return HandoffView(
        id=handoff.handoff_id,
        lead_id=handoff.lead_id,
        meeting_id=handoff.meeting_id,
        to_stage=handoff.to_stage,
        state=cast("HandoffState", handoff.state),
        offered_by=handoff.offered_by,
        offered_at=handoff.offered_at,
        routed_to=routed.employee_id if routed else None,
        answered_at=standing.occurred_at if standing else None,
        answered_by=standing.employee_id if standing else None,
        deal_id=standing.deal_id if standing else None,
        reason=standing.reason if standing else None,
        note=standing.note if standing else None,
    )
