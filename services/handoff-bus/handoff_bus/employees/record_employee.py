"""Put a person on the roster."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, insert, select

from conveyor.contracts.roster import EmployeeRecorded
from conveyor.contracts.values import EmployeeReference
from conveyor.kit.database import Database, Transaction, lock
from conveyor.kit.ids import new_id
from handoff_bus.deliveries.wake import awaited_employee, wake
from handoff_bus.employees.queries import EmployeeView, view_of
from handoff_bus.employees.rules import Employment, PayrollNumberTaken, ReferenceTaken, names_of
from handoff_bus.employees.tables import Employee, NamedEmployee


async def record_employee(
    database: Database,
    *,
    full_name: str,
    role: str,
    payroll_number: str,
    hired_on: date,
    references: Sequence[EmployeeReference],
    open_handoffs_max: int | None = None,
) -> EmployeeView:
    """A new employee, known to all services by `employee_recorded`.

    Raises PayrollNumberTaken, and ReferenceTaken when somebody employed at the same time has one of the references.
    """
    names = names_of(payroll_number=payroll_number, references=references)
    async with database.transaction() as tx:
        await lock(tx, "roster")
        if await tx.session.scalar(select(Employee.employee_id).where(Employee.payroll_number == payroll_number)):
            raise PayrollNumberTaken
        employee = Employee(
            employee_id=new_id(),
            revision=1,
            full_name=full_name,
            role=role,
            payroll_number=payroll_number,
            hired_on=hired_on,
            left_on=None,
            successor_id=None,
            open_handoffs_max=open_handoffs_max,
        )
        tx.session.add(employee)
        await tx.session.flush()
        await keep_names(tx, employee, names)
        return await tx.commit(await announce(tx, employee, names))


async def keep_names(tx: Transaction, employee: Employee, names: Sequence[tuple[str, str]]) -> None:
    """Replace his names. Raises ReferenceTaken when one of them is somebody's who works at the same time.

    Call it under the lock `roster`: two hirings at once must not both find an extension free.
    """
    own = Employment(employee.employee_id, employee.hired_on, employee.left_on)
    for system, value in names:
        others = await tx.session.execute(
            select(Employee.employee_id, Employee.hired_on, Employee.left_on)
            .join(NamedEmployee, NamedEmployee.employee_id == Employee.employee_id)
            .where(
                NamedEmployee.system == system,
                NamedEmployee.value == value,
                Employee.employee_id != employee.employee_id,
            )
        )
        if any(own.overlaps(Employment(*other)) for other in others):
            raise ReferenceTaken(system=system)
    await tx.session.execute(delete(NamedEmployee).where(NamedEmployee.employee_id == employee.employee_id))
    rows = [{"employee_id": employee.employee_id, "system": system, "value": value} for system, value in names]
    await tx.session.execute(insert(NamedEmployee), rows)


async def announce(tx: Transaction, employee: Employee, names: Sequence[tuple[str, str]]) -> EmployeeView:
    """Say the whole state, and wake the deliveries that waited for one of his names."""
    view = view_of(employee, names)
    tx.say(
        EmployeeRecorded(
            employee_id=employee.employee_id,
            revision=employee.revision,
            full_name=employee.full_name,
            role=view.role,
            payroll_number=employee.payroll_number,
            hired_on=employee.hired_on,
            left_on=employee.left_on,
            successor_id=employee.successor_id,
            references=tuple(view.references),
            open_handoffs_max=employee.open_handoffs_max,
        )
    )
    await wake(tx, [awaited_employee(system, value) for system, value in names])
    return view
