"""The inbox's endpoints, the same at every receiving stage."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, status

from conveyor.handoffs.accept_handoff import accept_handoff
from conveyor.handoffs.answering import answer_of
from conveyor.handoffs.assign_handoff import assign_handoff
from conveyor.handoffs.models import (
    AcceptHandoff,
    AssignHandoff,
    HandoffQuery,
    HandoffState,
    HandoffView,
    ReturnHandoff,
)
from conveyor.handoffs.queries import list_received, read_received
from conveyor.handoffs.return_handoff import return_handoff
from conveyor.handoffs.stage import ReceivingStage
from conveyor.kit.access.shows import shows_people
from conveyor.kit.database import Database
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.pagination import Page, PageQuery


def handoffs_router(*, database: Database, stage: ReceivingStage, backdating_days_max: int) -> APIRouter:
    """Routes under `/handoffs`. The stage's people see and answer what is routed to them or to nobody (else 404)."""
    router = APIRouter(prefix="/handoffs", tags=["handoffs"])
    readers = Depends(allow(stage.role, "head", "admin", "auditor", "integration"))
    answerers = Depends(allow(stage.role, "integration", "admin"))

    @router.get("", dependencies=[shows_people("lead", field="lead_id")])
    async def get_handoffs(
        *,
        principal: Annotated[Principal, readers],
        page: PageQuery,
        state: HandoffState | None = None,
        lead_id: Annotated[UUID | None, Query()] = None,
        employee_id: Annotated[UUID | None, Query(description="Who answered it, else whom it is routed to.")] = None,
        escalated: Annotated[bool | None, Query(description="Whether it waits for the head.")] = None,
    ) -> Page[HandoffView]:
        """The inbox, oldest first."""
        wanted = HandoffQuery(state=state, lead_id=lead_id, employee_id=employee_id, escalated=escalated)
        return await list_received(database, principal=principal, role=stage.role, wanted=wanted, page=page)

    @router.get("/{handoff_id}", dependencies=[shows_people("lead", field="lead_id")])
    async def get_handoff(handoff_id: UUID, principal: Annotated[Principal, readers]) -> HandoffView:
        """One handoff with everything the offer carries."""
        return await read_received(database, handoff_id, principal=principal, role=stage.role)

    @router.post("/{handoff_id}/acceptance", status_code=status.HTTP_201_CREATED)
    async def post_acceptance(
        handoff_id: UUID,
        principal: Annotated[Principal, answerers],
        said: Annotated[AcceptHandoff | None, Body()] = None,
    ) -> HandoffView:
        """Take the lead over. 409 when it was answered or withdrawn."""
        answer = await answer_of(
            database=database,
            stage=stage,
            principal=principal,
            handoff_id=handoff_id,
            said=said or AcceptHandoff(),
            backdating_days_max=backdating_days_max,
        )
        return await accept_handoff(database=database, stage=stage, answer=answer)

    @router.post("/{handoff_id}/return")
    async def post_return(
        handoff_id: UUID, principal: Annotated[Principal, answerers], said: ReturnHandoff
    ) -> HandoffView:
        """Give the lead back with a reason. 409 when it was answered or withdrawn."""
        answer = await answer_of(
            database=database,
            stage=stage,
            principal=principal,
            handoff_id=handoff_id,
            said=said,
            backdating_days_max=backdating_days_max,
        )
        return await return_handoff(database=database, answer=answer, said=said)

    _add_assignment(router, database=database, stage=stage)
    return router


def _add_assignment(router: APIRouter, *, database: Database, stage: ReceivingStage) -> None:
    @router.post("/{handoff_id}/assignment")
    async def post_assignment(
        handoff_id: UUID, _: Annotated[Principal, Depends(allow("head", "admin"))], said: AssignHandoff
    ) -> HandoffView:
        """Name who should answer it. 409 when it was answered or withdrawn."""
        return await assign_handoff(database=database, stage=stage, handoff_id=handoff_id, said=said)
