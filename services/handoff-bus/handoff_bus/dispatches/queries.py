"""Reading the log of dispatches."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.dispatches.rules import DispatchState, Outcome
from handoff_bus.dispatches.tables import Dispatch, DispatchAttempt, DispatchedFact


class DispatchView(AnswerModel):
    """A fact on its way to a subscription. `event_id` is the `webhook-id` that the subscriber gets."""

    id: UUID
    subscription_id: UUID
    event_id: UUID
    type: str
    lead_id: UUID | None
    state: DispatchState
    attempts: int
    next_at: datetime | None
    created_at: datetime
    ended_at: datetime | None


class AttemptView(AnswerModel):
    """What came back; `detail` is the beginning of the answer, or why there was none."""

    at: datetime
    outcome: Outcome
    status: int | None
    detail: str | None
    took_ms: int


class DispatchDetail(DispatchView):
    """A dispatch with its body and every attempt, oldest first."""

    body: str
    log: list[AttemptView]


def view_of(dispatch: Dispatch) -> DispatchView:
    """The answer for one dispatch."""
    names = [name for name in DispatchView.model_fields if name != "id"]
    return DispatchView.model_validate(
        {"id": dispatch.dispatch_id, **{name: getattr(dispatch, name) for name in names}}
    )


async def find_dispatch(session: AsyncSession, *, dispatch_id: UUID) -> DispatchDetail:
    """One dispatch. Raises NotFound."""
    dispatch = await session.get(Dispatch, dispatch_id)
    if dispatch is None:
        raise NotFound
    fact = await session.get_one(DispatchedFact, dispatch.event_id)
    attempts = await session.scalars(
        select(DispatchAttempt).where(DispatchAttempt.dispatch_id == dispatch_id).order_by(DispatchAttempt.attempt_id)
    )
    log = [AttemptView.model_validate(attempt) for attempt in attempts]
    return DispatchDetail(**view_of(dispatch).model_dump(), body=fact.body, log=log)


async def list_dispatches(
    session: AsyncSession,
    *,
    subscription_id: UUID | None,
    state: DispatchState | None,
    type_: str | None,
    lead_id: UUID | None,
    page: PageRequest,
) -> Page[DispatchView]:
    """Dispatches in the order in which they were written."""
    statement = select(Dispatch)
    if subscription_id is not None:
        statement = statement.where(Dispatch.subscription_id == subscription_id)
    if state is not None:
        statement = statement.where(Dispatch.state == state)
    if type_ is not None:
        statement = statement.where(Dispatch.type == type_)
    if lead_id is not None:
        statement = statement.where(Dispatch.lead_id == lead_id)
    found, cursor = await page_of(session, statement, key=[Dispatch.dispatch_id], page=page)
    return Page[DispatchView](items=[view_of(each) for each in found], next_cursor=cursor)
