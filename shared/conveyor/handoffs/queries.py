"""Reads of the inbox."""

from datetime import datetime
from itertools import product
from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.handoffs import HandoffOffered
from conveyor.handoffs.models import HandoffQuery, HandoffView
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.database import Database
from conveyor.kit.http.auth import Principal
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from conveyor.roster.patience import first_found
from conveyor.roster.queries import current_calendar
from conveyor.roster.tables import Employee


def offer_of(handoff: ReceivedHandoff) -> HandoffOffered:
    """The whole offer as its fact said it."""
    return HandoffOffered.model_validate(handoff.payload)


def view_of(handoff: ReceivedHandoff) -> HandoffView:
    """The handoff as the API shows it."""
    offer = offer_of(handoff)
    return HandoffView(
        id=handoff.handoff_id,
        lead_id=handoff.lead_id,
        state=handoff.state,
        from_stage=handoff.from_stage,
        to_stage=handoff.to_stage,
        offered_by=handoff.offered_by,
        offered_at=handoff.offered_at,
        employee_id=handoff.answered_by or handoff.routed_to,
        answered_at=handoff.answered_at,
        reason=handoff.return_reason,
        note=handoff.note,
        deal_id=handoff.deal_id,
        due_at=handoff.due_at,
        overdue_level=handoff.overdue_level,
        escalated_at=handoff.escalated_at if handoff.state == "offered" else None,
        **{name: getattr(offer, name) for name in _SHOWN_OF_THE_OFFER},
    )


_SHOWN_OF_THE_OFFER = (
    *("company", "contacts", "needs", "criteria", "touches", "meeting", "contract_number"),
    "introduction_wanted",
)


async def received_for_update(session: AsyncSession, handoff_id: UUID) -> ReceivedHandoff | None:
    """The handoff, locked until the transaction ends."""
    statement = select(ReceivedHandoff).where(ReceivedHandoff.handoff_id == handoff_id).with_for_update()
    found: ReceivedHandoff | None = await session.scalar(statement.execution_options(populate_existing=True))
    return found


async def arrived(database: Database, handoff_id: UUID) -> None:
    """Wait up to two seconds for the offer to arrive; raises NotFound after that."""

    async def look() -> UUID | None:
        async with database.reading() as session:
            found: UUID | None = await session.scalar(
                select(ReceivedHandoff.handoff_id).where(ReceivedHandoff.handoff_id == handoff_id)
            )
            return found

    if await first_found(look) is None:
        raise NotFound


async def list_received(
    database: Database, *, principal: Principal, role: str, wanted: HandoffQuery, page: PageRequest
) -> Page[HandoffView]:
    """The inbox, oldest handoff first. `role` is the stage's; its people see their own and what is routed to nobody."""
    statement = select(ReceivedHandoff)
    for column, value in (
        (ReceivedHandoff.state, wanted.state),
        (ReceivedHandoff.lead_id, wanted.lead_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.escalated is not None:
        waits_for_the_head = and_(ReceivedHandoff.state == "offered", ReceivedHandoff.escalated_at.is_not(None))
        statement = statement.where(waits_for_the_head if wanted.escalated else not_(waits_for_the_head))
    async with database.reading() as session:
        visible = await _visible_to(session, principal, database.clock.now()) if principal.role == role else ()
        asked_for = () if wanted.employee_id is None else _is_with(wanted.employee_id)
        looks = [and_(*each) for each in product(*filter(None, (visible, asked_for)))] if visible or asked_for else []
        found, next_cursor = await page_of(
            session, statement, key=(ReceivedHandoff.handoff_id,), page=page, looks=looks
        )
    return Page[HandoffView](items=[view_of(handoff) for handoff in found], next_cursor=next_cursor)


async def read_received(database: Database, handoff_id: UUID, *, principal: Principal, role: str) -> HandoffView:
    """One handoff; NotFound when it is not there or not the caller's to see."""
    statement = select(ReceivedHandoff).where(ReceivedHandoff.handoff_id == handoff_id)
    async with database.reading() as session:
        if principal.role == role:
            statement = statement.where(or_(*await _visible_to(session, principal, database.clock.now())))
        handoff = await session.scalar(statement)
    if handoff is None:
        raise NotFound
    return view_of(handoff)


# Each of several conditions is one that an index answers; a handoff must meet one of them.
def _is_with(employee_id: UUID) -> tuple[ColumnElement[bool], ...]:
    routed = and_(ReceivedHandoff.answered_by.is_(None), ReceivedHandoff.routed_to == employee_id)
    return (ReceivedHandoff.answered_by == employee_id, routed)


async def _visible_to(session: AsyncSession, principal: Principal, now: datetime) -> tuple[ColumnElement[bool], ...]:
    if principal.employee_id is None:
        raise NotFound
    today = (await current_calendar(session)).calendar.day_of(now)
    gone = select(Employee.employee_id).where(Employee.left_on <= today)
    is_offered = ReceivedHandoff.state == "offered"
    return (
        ReceivedHandoff.routed_to == principal.employee_id,
        ReceivedHandoff.answered_by == principal.employee_id,
        and_(is_offered, ReceivedHandoff.routed_to.is_(None)),
        and_(is_offered, ReceivedHandoff.routed_to.in_(gone)),
    )
