"""Names of leads over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from conveyor.contracts.values import Text
from conveyor.kit.access.shows import shows_people
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import RequestModel
from conveyor.kit.http.pagination import Page, PageQuery
from handoff_bus.bus import TheBus
from handoff_bus.references import queries
from handoff_bus.references.award_reference import award_reference
from handoff_bus.references.queries import ReferenceState, ReferenceView

router = APIRouter(prefix="/references", tags=["references"])


@router.get("", dependencies=[shows_people("lead", field="lead_id")])
async def list_references(
    *,
    bus: TheBus,
    _: Annotated[Principal, Depends(allow("admin", "head", "auditor", "integration"))],
    page: PageQuery,
    state: ReferenceState | None = None,
    lead_id: UUID | None = None,
    system: str | None = None,
    value: str | None = None,
) -> Page[ReferenceView]:
    """What outside names mean. `state=conflict` are claims on a name that already belongs to another lead."""
    async with bus.database.reading() as session:
        return await queries.list_references(
            session, state=state, lead_id=lead_id, system=system, value=value, page=page
        )


class Award(RequestModel):
    """Why the name belongs to this lead."""

    reason: Text


@router.post("/{reference_id}/award")
async def award(
    reference_id: UUID, decision: Award, bus: TheBus, _: Annotated[Principal, Depends(allow("admin", "head"))]
) -> ReferenceView:
    """Give the name to the lead of this claim, which is in conflict with another lead's that stood so far.

    Deliveries that come or are settled from now on follow it; facts said before stay with the other lead.
    """
    return await award_reference(bus.database, reference_id=reference_id, reason=decision.reason)
