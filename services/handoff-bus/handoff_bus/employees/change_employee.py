"""Correct an employee, or record that he leaves."""

from collections.abc import Sequence
from datetime import date
from typing import TypedDict
from uuid import UUID

from sqlalchemy import select

from conveyor.contracts.values import EmployeeReference
from conveyor.kit.database import Database, Transaction, lock
from conveyor.kit.http.etags import StaleRevision
from conveyor.kit.refusals import NotFound
from handoff_bus.employees.queries import EmployeeView, names_by_employee
from handoff_bus.employees.record_employee import announce, keep_names
from handoff_bus.employees.rules import Employment, check_dates, check_successor, names_of
from handoff_bus.employees.tables import Employee


class EmployeeChange(TypedDict, total=False):
    """What changes; a field that is not there stays. `left_on: None` means that he stays after all."""

    full_name: str
    left_on: date | None
    successor_id: UUID | None
    references: Sequence[EmployeeReference]
    open_handoffs_max: int | None


async def change_employee(
    database: Database, *, employee_id: UUID, revision: int, change: EmployeeChange
) -> EmployeeView:
    """The next revision of an employee, said as `employee_recorded`. `left_on` may be past.

    Raises NotFound, StaleRevision when `revision` is not the current one, ReferenceTaken when a name would then be
    two people's at once, Invalid for dates or a successor that make no sense.
    """
    async with database.transaction() as tx:
        await lock(tx, "roster")
        employee = await tx.session.scalar(
            select(Employee).where(Employee.employee_id == employee_id).with_for_update()
        )
        if employee is None:
            raise NotFound
        if employee.revision != revision:
            raise StaleRevision
        await _apply(tx, employee, change)
        employee.revision += 1
        await tx.session.flush()
        if "references" in change:
            names = names_of(payroll_number=employee.payroll_number, references=change["references"])
        else:
            names = (await names_by_employee(tx.session, [employee_id]))[employee_id]
        await keep_names(tx, employee, names)
        return await tx.commit(await announce(tx, employee, names))


async def _apply(tx: Transaction, employee: Employee, change: EmployeeChange) -> None:
    left_on = change.get("left_on", employee.left_on)
    check_dates(hired_on=employee.hired_on, left_on=left_on)
    stays_after_all = left_on is None and "successor_id" not in change
    successor_id = None if stays_after_all else change.get("successor_id", employee.successor_id)
    if successor_id is not None:
        successor = await tx.session.get(Employee, successor_id)
        check_successor(
            employee_id=employee.employee_id,
            role=employee.role,
            left_on=left_on,
            successor=Employment(successor.employee_id, successor.hired_on, successor.left_on) if successor else None,
            successor_role=successor.role if successor else None,
        )
    employee.full_name = change.get("full_name", employee.full_name)
    employee.open_handoffs_max = change.get("open_handoffs_max", employee.open_handoffs_max)
    employee.left_on, employee.successor_id = left_on, successor_id
