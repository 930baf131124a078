"""The endpoint that sends a lead back to nurture."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, status

from closing.deals.doing import Desk, doing_of
from closing.nurture.models import NurtureDeal, NurtureView
from closing.nurture.nurture_deal import nurture_deal
from conveyor.kit.http.auth import Principal, allow


def nurture_router(desk: Desk) -> APIRouter:
    """A route under `/deals`."""
    router = APIRouter(prefix="/deals", tags=["nurture"])

    @router.post("/{deal_id}/nurture", status_code=status.HTTP_201_CREATED)
    async def post_nurture(
        deal_id: UUID, principal: Annotated[Principal, Depends(allow("ae", "integration", "admin"))], said: NurtureDeal
    ) -> NurtureView:
        """Not now: lose the deal and offer the lead back to telemarketing until a day. 409 unless the deal is open."""
        doing = await doing_of(desk, principal=principal, deal_id=deal_id, said=said)
        return await nurture_deal(desk, doing=doing, said=said)

    return router
