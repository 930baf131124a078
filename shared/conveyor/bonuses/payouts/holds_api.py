"""Holds, and where every approved entry is, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from sqlalchemy import select

from conveyor.bonuses.access import Overseer
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.months import PeriodText
from conveyor.bonuses.payouts.carried_forward import CarriedForwardView, carried_forward
from conveyor.bonuses.payouts.place_hold import place_hold
from conveyor.bonuses.payouts.reconciliation import ReconciliationView, reconcile
from conveyor.bonuses.payouts.release_hold import release_hold
from conveyor.bonuses.payouts.requests import HoldRequest, ReleaseRequest
from conveyor.bonuses.payouts.tables import PayoutHold
from conveyor.bonuses.payouts.views import PayoutHoldView, hold_view
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageQuery, page_of

Holder = Annotated[Principal, Depends(allow("payroll", "head"))]


class CarriedForwardList(AnswerModel):
    """Everybody who is carried forward."""

    items: list[CarriedForwardView]
    next_cursor: str | None = None


def router(desk: Desk) -> APIRouter:
    """`/payout-holds`, `/payout-reconciliation`, `/carried-forward`."""
    routes = APIRouter(tags=["payout_holds"])
    _add_holds(routes, desk)
    _add_reconciliation(routes, desk)
    return routes


def _add_holds(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/payout-holds")
    async def list_payout_holds(
        _principal: Overseer,
        page: PageQuery,
        employee_id: UUID | None = None,
        entry_id: UUID | None = None,
        released: bool | None = None,  # noqa: FBT001 - a query parameter
    ) -> Page[PayoutHoldView]:
        """Holds, oldest first; `released=false` are those in force."""
        statement = select(PayoutHold)
        if employee_id is not None:
            statement = statement.where(PayoutHold.employee_id == employee_id)
        if entry_id is not None:
            statement = statement.where(PayoutHold.entry_id == entry_id)
        if released is not None:
            since = PayoutHold.released_at
            statement = statement.where(since.is_not(None) if released else since.is_(None))
        async with desk.database.reading() as session:
            found, next_cursor = await page_of(session, statement, key=[PayoutHold.__table__.c.hold_id], page=page)
        return Page(items=[hold_view(hold) for hold in found], next_cursor=next_cursor)

    @routes.post("/payout-holds", status_code=201)
    async def place_payout_hold(body: HoldRequest, principal: Holder) -> PayoutHoldView:
        """Keep an entry (with its reversal), or everything of an employee, out of batches until it is released."""
        return await place_hold(
            desk,
            entry_id=body.entry_id,
            employee_id=body.employee_id,
            reason=body.reason,
            actor=principal.subject,
        )

    @routes.post("/payout-holds/{hold_id}/release")
    async def release_payout_hold(
        hold_id: Annotated[UUID, Path()], principal: Holder, body: ReleaseRequest | None = None
    ) -> PayoutHoldView:
        """Let what was on hold go into the next batch."""
        reason = body.reason if body else None
        return await release_hold(desk, hold_id=hold_id, reason=reason, actor=principal.subject)


def _add_reconciliation(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/payout-reconciliation")
    async def get_payout_reconciliation(_principal: Overseer, period: PeriodText | None = None) -> ReconciliationView:
        """Where every entry of the closed months is, and the entries that are nowhere."""
        async with desk.database.reading() as session:
            return await reconcile(session, period=period)

    @routes.get("/carried-forward")
    async def list_carried_forward(_principal: Overseer) -> CarriedForwardList:
        """Employees whose net is negative: it waits until later entries outweigh it."""
        async with desk.database.reading() as session:
            return CarriedForwardList(items=await carried_forward(session))
