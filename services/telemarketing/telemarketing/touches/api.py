"""Touches over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from conveyor.contracts.telemarketing import TouchKind
from conveyor.contracts.values import LongText
from conveyor.kit.http.auth import Principal, acting_employee, allow
from conveyor.kit.http.models import BusinessInstant, RequestModel
from telemarketing.touches.answers import TouchView
from telemarketing.touches.record_touch import RecordTouch, record_touch
from telemarketing.wiring import DeskHere, caller_of

router = APIRouter(tags=["touches"])

Worker = Annotated[Principal, Depends(allow("sdr", "integration", "admin"))]


class TouchToRecord(RequestModel):
    """A paid step; `employee_id` only from other systems."""

    kind: TouchKind
    note: LongText | None = None
    occurred_at: BusinessInstant | None = None
    employee_id: UUID | None = None


@router.post("/leads/{lead_id}/touches", status_code=201, operation_id="touches_record_touch")
async def post_touch(lead_id: UUID, body: TouchToRecord, desk: DeskHere, principal: Worker) -> TouchView:
    """Record a step of the work on a lead. A lead of nobody becomes the toucher's."""
    return await record_touch(
        desk,
        caller=caller_of(principal),
        command=RecordTouch(
            lead_id=lead_id,
            employee_id=acting_employee(principal, body.employee_id),
            kind=body.kind,
            note=body.note,
            occurred_at=body.occurred_at,
        ),
    )
