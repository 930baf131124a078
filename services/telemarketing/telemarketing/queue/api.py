"""The call queue over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from conveyor.kit.access.shows import shows_people
from conveyor.kit.http.auth import Principal, acting_employee, allow
from telemarketing.queue.answers import NextLead
from telemarketing.queue.take_next import take_next
from telemarketing.wiring import DeskHere

router = APIRouter(tags=["queue"])

Caller = Annotated[Principal, Depends(allow("sdr"))]


@router.post(
    "/queue/next",
    operation_id="queue_take_next",
    response_model=NextLead,
    dependencies=[shows_people("lead")],
    responses={204: {"description": "Nothing waits for this SDR"}},
)
async def post_next(desk: DeskHere, principal: Caller) -> NextLead | Response:
    """The SDR's next lead with its script and history; 204 when there is none."""
    answer = await take_next(desk, employee_id=acting_employee(principal, None))
    return Response(status_code=204) if answer is None else answer
