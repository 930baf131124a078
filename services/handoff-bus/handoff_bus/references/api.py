"""Names of leads over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.pagination import Page, PageQuery
from handoff_bus.bus import TheBus
from handoff_bus.references import queries
from handoff_bus.references.queries import ReferenceState, ReferenceView

router = APIRouter(prefix="/references", tags=["references"])


@router.get("")
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
