"""Absences over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from conveyor.contracts.roster import AbsenceKind
from conveyor.kit.http.auth import ROLES, Principal, allow
from conveyor.kit.http.etags import IfMatch, etag_of
from conveyor.kit.http.models import RequestModel
from conveyor.kit.http.pagination import Page, PageQuery
from handoff_bus.absences.queries import AbsenceView, list_absences
from handoff_bus.absences.record_absence import cancel_absence, record_absence
from handoff_bus.bus import TheBus

router = APIRouter(prefix="/employees/{employee_id}/absences", tags=["absences"])

KNOW_THE_KIND = frozenset({"admin", "head", "payroll", "auditor"})
Planner = Annotated[Principal, Depends(allow("admin", "head"))]


class NewAbsence(RequestModel):
    """Away from `from` until he is back on `until`: half-open days of the department."""

    from_on: Annotated[date, Field(alias="from")]
    until_on: Annotated[date, Field(alias="until")]
    kind: AbsenceKind


@router.post("", status_code=201)
async def create_absence(
    employee_id: UUID, new: NewAbsence, bus: TheBus, _: Planner, response: Response
) -> AbsenceView:
    """Record a vacation or an illness; 409 `already-absent` when one of the days is taken."""
    view = await record_absence(
        bus.database, employee_id=employee_id, from_on=new.from_on, until_on=new.until_on, kind=new.kind
    )
    response.headers["ETag"] = etag_of(view.revision)
    return view


@router.get("")
async def get_absences(
    employee_id: UUID, bus: TheBus, principal: Annotated[Principal, Depends(allow(*sorted(ROLES)))], page: PageQuery
) -> Page[AbsenceView]:
    """An employee's absences, oldest first. Their kind is shown to himself and to those who plan, pay or audit."""
    shows_kind = principal.role in KNOW_THE_KIND or principal.employee_id == employee_id
    async with bus.database.reading() as session:
        return await list_absences(session, employee_id=employee_id, shows_kind=shows_kind, page=page)


@router.delete("/{absence_id}", status_code=204)
async def delete_absence(employee_id: UUID, absence_id: UUID, revision: IfMatch, bus: TheBus, _: Planner) -> None:
    """He is there after all."""
    await cancel_absence(bus.database, employee_id=employee_id, absence_id=absence_id, revision=revision)
