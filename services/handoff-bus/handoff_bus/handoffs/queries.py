"""Reading the watch over handoffs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.values import Stage
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.handoffs.rules import HandoffState
from handoff_bus.handoffs.tables import HandoffFact, WatchedHandoff


class HandoffView(AnswerModel):
    """A handoff; `employee_id` is who answered it, else to whom it was routed last."""

    id: UUID
    lead_id: UUID
    state: HandoffState
    from_stage: Stage | None
    to_stage: Stage | None
    offered_by: UUID | None
    offered_at: datetime | None
    employee_id: UUID | None
    answered_at: datetime | None
    reason: str | None
    deal_id: UUID | None


class HandoffStep(AnswerModel):
    """One fact of a handoff's life: offered, routed, accepted, returned or withdrawn."""

    event_id: UUID
    fact: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    employee_id: UUID | None
    reason: str | None
    note: str | None


class HandoffWithHistory(HandoffView):
    """A handoff with everything said about it, oldest first."""

    history: list[HandoffStep]


async def find_handoff(session: AsyncSession, *, handoff_id: UUID) -> HandoffWithHistory:
    """One handoff. Raises NotFound."""
    handoff = await session.get(WatchedHandoff, handoff_id)
    if handoff is None:
        raise NotFound
    facts = await session.scalars(
        select(HandoffFact)
        .where(HandoffFact.handoff_id == handoff_id)
        .order_by(HandoffFact.occurred_at, HandoffFact.recorded_at, HandoffFact.event_id)
    )
    history = [HandoffStep.model_validate(fact) for fact in facts]
    return HandoffWithHistory(**_view(handoff).model_dump(), history=history)


async def list_handoffs(
    session: AsyncSession,
    *,
    state: HandoffState | None,
    stage: Stage | None,
    lead_id: UUID | None,
    employee_id: UUID | None,
    page: PageRequest,
) -> Page[HandoffView]:
    """Handoffs in the order they were made; `stage` is the receiving one."""
    statement = select(WatchedHandoff)
    if state is not None:
        statement = statement.where(WatchedHandoff.state == state)
    if stage is not None:
        statement = statement.where(WatchedHandoff.to_stage == stage)
    if lead_id is not None:
        statement = statement.where(WatchedHandoff.lead_id == lead_id)
    if employee_id is not None:
        statement = statement.where(WatchedHandoff.employee_id == employee_id)
    handoffs, cursor = await page_of(session, statement, key=[WatchedHandoff.handoff_id], page=page)
    return Page[HandoffView](items=[_view(handoff) for handoff in handoffs], next_cursor=cursor)


def _view(handoff: WatchedHandoff) -> HandoffView:
    names = [name for name in HandoffView.model_fields if name != "id"]
    return HandoffView.model_validate({"id": handoff.handoff_id, **{name: getattr(handoff, name) for name in names}})
