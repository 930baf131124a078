"""The watch over handoffs, over HTTP. To answer a handoff, ask the receiving stage."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from conveyor.contracts.values import Stage
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.pagination import Page, PageQuery
from handoff_bus.bus import TheBus
from handoff_bus.handoffs import queries
from handoff_bus.handoffs.queries import HandoffView, HandoffWithHistory
from handoff_bus.handoffs.rules import HandoffState

router = APIRouter(prefix="/handoffs", tags=["handoffs"])

Reader = Annotated[Principal, Depends(allow("admin", "head", "auditor", "integration", "marketing"))]


@router.get("")
async def list_handoffs(
    *,
    bus: TheBus,
    _: Reader,
    page: PageQuery,
    state: HandoffState | None = None,
    stage: Stage | None = None,
    lead_id: UUID | None = None,
    employee_id: UUID | None = None,
) -> Page[HandoffView]:
    """Handoffs of the whole line; `stage` is the receiving one."""
    async with bus.database.reading() as session:
        return await queries.list_handoffs(
            session, state=state, stage=stage, lead_id=lead_id, employee_id=employee_id, page=page
        )


@router.get("/{handoff_id}")
async def get_handoff(handoff_id: UUID, bus: TheBus, _: Reader) -> HandoffWithHistory:
    """One handoff with everything said about it, oldest first."""
    async with bus.database.reading() as session:
        return await queries.find_handoff(session, handoff_id=handoff_id)
