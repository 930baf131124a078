"""Journeys over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from conveyor.kit.access.shows import shows_people
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.pagination import Page, PageQuery
from conveyor.kit.refusals import NotFound
from handoff_bus.bus import TheBus
from handoff_bus.journeys.queries import JourneyStepView, read_journey

router = APIRouter(prefix="/journeys", tags=["journeys"])

SEE_EVERY_LEAD = frozenset({"admin", "head", "auditor", "integration", "marketing"})
SEE_THEIR_OWN = frozenset({"sdr", "ae", "am"})


@router.get("/{lead_id}", dependencies=[shows_people("lead", field="lead_id")])
async def get_journey(
    lead_id: UUID,
    bus: TheBus,
    principal: Annotated[Principal, Depends(allow(*sorted(SEE_EVERY_LEAD | SEE_THEIR_OWN)))],
    page: PageQuery,
) -> Page[JourneyStepView]:
    """A lead's life on the line, oldest first. An SDR, AE or AM sees the leads in whose life he has a part."""
    seen_by = None
    if principal.role in SEE_THEIR_OWN:
        if principal.employee_id is None:
            raise NotFound
        seen_by = principal.employee_id
    async with bus.database.reading() as session:
        return await read_journey(session, lead_id=lead_id, seen_by=seen_by, page=page)
