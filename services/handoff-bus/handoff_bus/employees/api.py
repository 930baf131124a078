"""Employees over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from conveyor.contracts.values import Code, EmployeeReference, Role, Text
from conveyor.kit.access.shows import shows_people
from conveyor.kit.http.auth import ROLES, Principal, allow
from conveyor.kit.http.etags import IfMatch, etag_of
from conveyor.kit.http.models import RequestModel
from conveyor.kit.http.pagination import Page, PageQuery
from conveyor.kit.refusals import Invalid
from handoff_bus.bus import TheBus
from handoff_bus.employees import queries
from handoff_bus.employees.change_employee import EmployeeChange, change_employee
from handoff_bus.employees.queries import EmployeeView
from handoff_bus.employees.record_employee import record_employee
from handoff_bus.employees.rules import normal_name

router = APIRouter(prefix="/employees", tags=["employees"])

Admin = Annotated[Principal, Depends(allow("admin"))]
Anybody = Annotated[Principal, Depends(allow(*sorted(ROLES)))]
OpenHandoffs = Annotated[int, Field(ge=0, le=10_000)]
References = Annotated[list[EmployeeReference], Field(max_length=50)]


class NewEmployee(RequestModel):
    """A person to put on the roster. `hired_on` may be past or future."""

    full_name: Text
    role: Role
    payroll_number: Code
    hired_on: date
    references: References = Field(default_factory=list)
    open_handoffs_max: OpenHandoffs | None = None


class EmployeeCorrection(RequestModel):
    """Fields that are not named stay. `left_on: null` takes a leaving back."""

    full_name: Text | None = None
    left_on: date | None = None
    successor_id: UUID | None = None
    references: References | None = None
    open_handoffs_max: OpenHandoffs | None = None


@router.post("", status_code=201)
async def create_employee(new: NewEmployee, bus: TheBus, _: Admin, response: Response) -> EmployeeView:
    """Put a person on the roster.

    409 `payroll-number-taken`, or `reference-taken` when somebody employed at the same time has the same reference.
    """
    view = await record_employee(
        bus.database,
        full_name=new.full_name,
        role=new.role,
        payroll_number=new.payroll_number,
        hired_on=new.hired_on,
        references=new.references,
        open_handoffs_max=new.open_handoffs_max,
    )
    response.headers["ETag"] = etag_of(view.revision)
    return view


@router.get("", dependencies=[shows_people("employee")])
async def list_employees(
    *,
    bus: TheBus,
    _: Anybody,
    page: PageQuery,
    role: Role | None = None,
    working_on: date | None = None,
    reference: Annotated[str | None, Query(description="`system=value`, e.g. `extension=101`", max_length=600)] = None,
) -> Page[EmployeeView]:
    """Employees, also those who left; by role, by a day on which they work, by a reference."""
    async with bus.database.reading() as session:
        return await queries.list_employees(
            session, role=role, working_on=working_on, reference=_reference(reference), page=page
        )


@router.get("/{employee_id}", dependencies=[shows_people("employee")])
async def get_employee(employee_id: UUID, bus: TheBus, _: Anybody, response: Response) -> EmployeeView:
    """One employee, with the ETag that a PATCH needs."""
    async with bus.database.reading() as session:
        view = await queries.find_employee(session, employee_id=employee_id)
    response.headers["ETag"] = etag_of(view.revision)
    return view


@router.patch("/{employee_id}")
async def patch_employee(
    employee_id: UUID, correction: EmployeeCorrection, revision: IfMatch, bus: TheBus, _: Admin, response: Response
) -> EmployeeView:
    """Correct an employee or record that he leaves: from 00:00 of `left_on` (it may be past) he owns nothing.

    His leads go to `successor_id`, or by routing. What routing gave away stays there when the leaving is taken back or
    moved, until head moves it. 412 when somebody else changed him since, 409 `reference-taken`.
    """
    change: EmployeeChange = {}
    for field in correction.model_fields_set:
        value = getattr(correction, field)
        if value is None and field in {"full_name", "references"}:
            raise Invalid.field(pointer=f"/{field}", message="must not be null")
        change[field] = value  # type: ignore[literal-required] # both models have the same fields
    view = await change_employee(bus.database, employee_id=employee_id, revision=revision, change=change)
    response.headers["ETag"] = etag_of(view.revision)
    return view


def _reference(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    system, equals, value = text.partition("=")
    if not equals or not value:
        raise Invalid.field(pointer="/reference", message="must be system=value")
    return system, normal_name(system=system, value=value)
