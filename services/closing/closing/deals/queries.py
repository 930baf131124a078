"""Reads of deals."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from closing.contracts.queries import contracts_of
from closing.deals.models import CriterionView, DealQuery, DealSummary, DealView
from closing.deals.tables import Deal, DealCriterion
from closing.meetings.queries import meetings_of
from closing.payments.queries import payments_of
from conveyor.handoffs.ownership.queries import OwnerIntervalView, covers, intervals_of, owned_by, owner_at
from conveyor.handoffs.ownership.tables import OwnerIntervalRow
from conveyor.handoffs.queries import offer_of
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.database import Database
from conveyor.kit.http.auth import Principal
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound


async def list_deals(
    database: Database, *, principal: Principal, wanted: DealQuery, page: PageRequest
) -> Page[DealSummary]:
    """Deals, oldest first; an AE's list holds what he owns now."""
    now = database.clock.now()
    statement = select(Deal)
    if wanted.state is not None:
        statement = statement.where(Deal.state == wanted.state)
    if wanted.lead_id is not None:
        statement = statement.where(Deal.lead_id == wanted.lead_id)
    whose = {owner_id for owner_id in (wanted.employee_id, _owner_that_limits(principal)) if owner_id is not None}
    looks = [and_(*(owned_by(Deal.deal_id, owner_id, now) for owner_id in whose))] if whose else []
    async with database.reading() as session:
        deals, next_cursor = await page_of(session, statement, key=(Deal.deal_id,), page=page, looks=looks)
        owners = await intervals_of(session, [deal.deal_id for deal in deals])
    items = [_summary(deal, owners.get(deal.deal_id, []), now) for deal in deals]
    return Page[DealSummary](items=items, next_cursor=next_cursor)


async def read_deal(database: Database, deal_id: UUID, *, principal: Principal) -> tuple[DealView, int]:
    """One deal and its revision; NotFound when there is none or it is not the caller's to see."""
    now = database.clock.now()
    statement = select(Deal).where(Deal.deal_id == deal_id)
    owner_id = _owner_that_limits(principal)
    if owner_id is not None:
        statement = statement.where(owned_by(Deal.deal_id, owner_id, now))
    async with database.reading() as session:
        deal = await session.scalar(statement)
        if deal is None:
            raise NotFound
        return await deal_view(session, deal, now=now), deal.revision


async def deal_view(session: AsyncSession, deal: Deal, *, now: datetime) -> DealView:
    """The deal with everything known about it, from the caller's session."""
    handoff = await session.get_one(ReceivedHandoff, deal.handoff_id)
    offer = offer_of(handoff)
    owners = (await intervals_of(session, [deal.deal_id])).get(deal.deal_id, [])
    return DealView(
        **_summary(deal, owners, now).model_dump(),
        company=offer.company,
        contacts=offer.contacts,
        needs=offer.needs,
        touches=offer.touches,
        introduction_wanted=offer.introduction_wanted,
        criteria=await criteria_of(session, deal.deal_id),
        meetings=await meetings_of(session, deal.deal_id),
        contracts=await contracts_of(session, deal.deal_id),
        owners=owners,
        payments=await payments_of(session, lead_id=deal.lead_id, deal_id=deal.deal_id),
    )


async def criteria_of(session: AsyncSession, deal_id: UUID) -> list[CriterionView]:
    """The deal's answered criteria, by code."""
    rows = await session.scalars(
        select(DealCriterion).where(DealCriterion.deal_id == deal_id).order_by(DealCriterion.code)
    )
    return [CriterionView.model_validate(row) for row in rows]


async def open_deals_by_owner(session: AsyncSession, now: datetime) -> Mapping[UUID, int]:
    """How many open deals each AE owns now."""
    rows = await session.execute(
        select(OwnerIntervalRow.employee_id, func.count())
        .join(Deal, Deal.deal_id == OwnerIntervalRow.thing_id)
        .where(Deal.state == "open", *covers(now))
        .group_by(OwnerIntervalRow.employee_id)
    )
    return dict(rows.all())


def _owner_that_limits(principal: Principal) -> UUID | None:
    if principal.role != "ae":
        return None
    if principal.employee_id is None:
        raise NotFound
    return principal.employee_id


def _summary(deal: Deal, owners: list[OwnerIntervalView], now: datetime) -> DealSummary:
    return DealSummary(
        id=deal.deal_id,
        lead_id=deal.lead_id,
        handoff_id=deal.handoff_id,
        company_name=deal.company_name,
        state=deal.state,
        employee_id=owner_at(owners, now),
        opened_at=deal.opened_at,
        closed_at=deal.closed_at,
        loss_reason=deal.loss_reason,
        loss_note=deal.loss_note,
    )
