"""Outgoing handoffs over HTTP. They are offered by booking a meeting."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.pagination import Page, PageQuery
from telemarketing.handoffs.answers import HandoffView
from telemarketing.handoffs.queries import list_handoffs
from telemarketing.handoffs.rules import HandoffState
from telemarketing.wiring import DeskHere, limited_to

router = APIRouter(tags=["handoffs"])

Reader = Annotated[Principal, Depends(allow("sdr", "head", "marketing", "auditor", "admin", "integration"))]


@router.get("/handoffs", operation_id="handoffs_list_handoffs")
async def get_handoffs(
    *,
    desk: DeskHere,
    principal: Reader,
    page: PageQuery,
    lead_id: UUID | None = None,
    employee_id: UUID | None = None,
    state: HandoffState | None = None,
) -> Page[HandoffView]:
    """Handoffs offered by telemarketing; `employee_id` is who offered. An SDR gets his own and those of his leads."""
    async with desk.database.reading() as session:
        return await list_handoffs(
            session, seen_by_sdr=limited_to(principal), lead_id=lead_id, employee_id=employee_id, state=state, page=page
        )
