"""Reading the roster."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.values import EmployeeReference, Role
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.employees.rules import Employment
from handoff_bus.employees.tables import Employee, NamedEmployee


class EmployeeView(AnswerModel):
    """An employee. `references` are his names outside; he is also found by his payroll number.

    Routing leaves at most `open_handoffs_max` handoffs unanswered with him; null is no limit.
    """

    id: UUID
    revision: int
    full_name: str
    role: Role
    payroll_number: str
    hired_on: date
    left_on: date | None
    successor_id: UUID | None
    open_handoffs_max: int | None = None
    references: list[EmployeeReference]


def view_of(employee: Employee, names: Iterable[tuple[str, str]]) -> EmployeeView:
    """The answer for one employee with his names."""
    return EmployeeView.model_validate(
        {
            "id": employee.employee_id,
            "revision": employee.revision,
            "full_name": employee.full_name,
            "role": employee.role,
            "payroll_number": employee.payroll_number,
            "hired_on": employee.hired_on,
            "left_on": employee.left_on,
            "successor_id": employee.successor_id,
            "open_handoffs_max": employee.open_handoffs_max,
            "references": [{"system": system, "value": value} for system, value in names if system != "payroll_number"],
        }
    )


async def names_by_employee(
    session: AsyncSession, employee_ids: Sequence[UUID]
) -> defaultdict[UUID, list[tuple[str, str]]]:
    """The outside names of these employees, sorted."""
    rows = await session.execute(
        select(NamedEmployee.employee_id, NamedEmployee.system, NamedEmployee.value)
        .where(NamedEmployee.employee_id.in_(employee_ids))
        .order_by(NamedEmployee.system, NamedEmployee.value)
    )
    names: defaultdict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for employee_id, system, value in rows:
        names[employee_id].append((system, value))
    return names


async def find_employee(session: AsyncSession, *, employee_id: UUID) -> EmployeeView:
    """One employee. Raises NotFound."""
    employee = await session.get(Employee, employee_id)
    if employee is None:
        raise NotFound
    return view_of(employee, (await names_by_employee(session, [employee_id]))[employee_id])


async def list_employees(
    session: AsyncSession,
    *,
    role: str | None,
    working_on: date | None,
    reference: tuple[str, str] | None,
    page: PageRequest,
) -> Page[EmployeeView]:
    """Employees by role, by a day on which they work, by a reference (system, value); by id."""
    statement = select(Employee)
    if role is not None:
        statement = statement.where(Employee.role == role)
    if working_on is not None:
        still_there = or_(Employee.left_on.is_(None), Employee.left_on > working_on)
        statement = statement.where(and_(Employee.hired_on <= working_on, still_there))
    if reference is not None:
        named = select(NamedEmployee.employee_id).where(
            tuple_(NamedEmployee.system, NamedEmployee.value) == tuple_(*reference)
        )
        statement = statement.where(Employee.employee_id.in_(named))
    employees, cursor = await page_of(session, statement, key=[Employee.employee_id], page=page)
    names = await names_by_employee(session, [employee.employee_id for employee in employees])
    views = [view_of(employee, names[employee.employee_id]) for employee in employees]
    return Page[EmployeeView](items=views, next_cursor=cursor)


async def employments_of(
    session: AsyncSession, names: Sequence[tuple[str, str]]
) -> defaultdict[tuple[str, str], list[Employment]]:
    """Who had each of these (system, value) names, and when."""
    found: defaultdict[tuple[str, str], list[Employment]] = defaultdict(list)
    if not names:
        return found
    rows = await session.execute(
        select(NamedEmployee.system, NamedEmployee.value, Employee.employee_id, Employee.hired_on, Employee.left_on)
        .join(Employee, Employee.employee_id == NamedEmployee.employee_id)
        .where(tuple_(NamedEmployee.system, NamedEmployee.value).in_(names))
    )
    for system, value, employee_id, hired_on, left_on in rows:
        found[system, value].append(Employment(employee_id, hired_on, left_on))
    return found
