"""Endpoints of deals."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi import Path as InPath

from closing.deals.answer_criterion import answer_criterion
from closing.deals.doing import Desk, doing_of
from closing.deals.lose_deal import lose_deal
from closing.deals.models import (
    AnswerCriterion,
    CriterionView,
    DealQuery,
    DealState,
    DealSummary,
    DealView,
    LoseDeal,
    MoveDeal,
)
from closing.deals.move_deal import move_deal
from closing.deals.queries import list_deals, read_deal
from conveyor.kit.access.shows import shows_people
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.etags import IfMatch, etag_of
from conveyor.kit.http.pagination import Page, PageQuery

Reader = Annotated[Principal, Depends(allow("ae", "head", "admin", "auditor", "integration"))]
Doer = Annotated[Principal, Depends(allow("ae", "integration", "admin"))]
Mover = Annotated[Principal, Depends(allow("head", "admin"))]
CriterionCode = Annotated[str, InPath(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=100)]


def deals_router(desk: Desk) -> APIRouter:
    """Routes under `/deals`. An AE sees and works on the deals he owns now; a peer's deal is 404."""
    router = APIRouter(prefix="/deals", tags=["deals"])

    @router.get("")
    async def get_deals(
        principal: Reader,
        page: PageQuery,
        state: DealState | None = None,
        lead_id: UUID | None = None,
        employee_id: Annotated[UUID | None, Query(description="Who owns it now.")] = None,
    ) -> Page[DealSummary]:
        """Deals, oldest first."""
        wanted = DealQuery(state=state, lead_id=lead_id, employee_id=employee_id)
        return await list_deals(desk.database, principal=principal, wanted=wanted, page=page)

    @router.get("/{deal_id}", dependencies=[shows_people("lead", field="lead_id")])
    async def get_deal(deal_id: UUID, principal: Reader, response: Response) -> DealView:
        """One deal with everything known about it; its ETag is what `If-Match` of a PUT repeats."""
        view, revision = await read_deal(desk.database, deal_id, principal=principal)
        response.headers["ETag"] = etag_of(revision)
        return view

    @router.put("/{deal_id}/criteria/{code}")
    async def put_criterion(
        *,
        deal_id: UUID,
        code: CriterionCode,
        principal: Doer,
        revision: IfMatch,
        said: AnswerCriterion,
        response: Response,
    ) -> CriterionView:
        """Answer a qualification criterion with evidence."""
        doing = await doing_of(desk, principal=principal, deal_id=deal_id, said=said)
        view, raised = await answer_criterion(desk, doing=doing, revision=revision, code=code, said=said)
        response.headers["ETag"] = etag_of(raised)
        return view

    @router.put("/{deal_id}/owner")
    async def put_owner(
        deal_id: UUID, principal: Mover, revision: IfMatch, said: MoveDeal, response: Response
    ) -> DealView:
        """Give the deal to another AE from a moment on."""
        view, raised = await move_deal(desk, deal_id=deal_id, principal=principal, revision=revision, said=said)
        response.headers["ETag"] = etag_of(raised)
        return view

    @router.post("/{deal_id}/loss")
    async def post_loss(deal_id: UUID, principal: Doer, said: LoseDeal) -> DealView:
        """Lose the deal. 409 when it was won or lost already, 422 for a time before it was opened."""
        doing = await doing_of(desk, principal=principal, deal_id=deal_id, said=said)
        return await lose_deal(desk, doing=doing, said=said)

    return router
