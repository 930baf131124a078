"""Endpoints of a deal's meetings."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, status

from closing.deals.doing import Desk, doing_of
from closing.meetings.models import MeetingView, RebookMeeting, RecordOutcome
from closing.meetings.rebook_meeting import rebook_meeting
from closing.meetings.record_outcome import record_outcome
from conveyor.kit.http.auth import Principal, allow

Doer = Annotated[Principal, Depends(allow("ae", "integration", "admin"))]


def meetings_router(desk: Desk) -> APIRouter:
    """Routes under `/deals/{deal_id}` for meetings."""
    router = APIRouter(prefix="/deals/{deal_id}", tags=["meetings"])

    @router.post("/meetings", status_code=status.HTTP_201_CREATED)
    async def post_meeting(deal_id: UUID, principal: Doer, said: RebookMeeting) -> MeetingView:
        """Book a meeting again after a miss or a cancellation. 409 while one is planned."""
        doing = await doing_of(desk, principal=principal, deal_id=deal_id, said=said)
        return await rebook_meeting(desk, doing=doing, said=said)

    @router.post("/meeting-outcome", status_code=status.HTTP_201_CREATED)
    async def post_outcome(deal_id: UUID, principal: Doer, said: RecordOutcome) -> MeetingView:
        """Say whether the client came. 409 when the outcome is known or the meeting was cancelled."""
        doing = await doing_of(desk, principal=principal, deal_id=deal_id, said=said)
        return await record_outcome(desk, doing=doing, said=said)

    return router
