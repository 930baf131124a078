"""The SDR by whom, or to whom, something is done."""

from datetime import datetime
from uuid import UUID

from conveyor.kit.database import Database
from conveyor.kit.refusals import Invalid, Refusal
from conveyor.roster.queries import current_calendar, known_employee
from conveyor.roster.tables import Employee


class EmployeeHasLeft(Refusal):
    """The employee had left by then and can neither own nor do anything here."""


async def known_sdr(database: Database, employee_id: UUID, *, pointer: str = "/employee_id") -> Employee:
    """The SDR, waiting up to two seconds for the roster to name him. Raises Invalid at `pointer` for anybody else."""
    employee = await known_employee(database, employee_id, pointer=pointer)
    if employee.role != "sdr":
        raise Invalid.field(pointer, "must be an employee of role sdr")
    return employee


async def check_still_here(database: Database, employee: Employee, instant: datetime) -> None:
    """Raises EmployeeHasLeft when the instant lies at or after 00:00 of the day on which the employee left."""
    if employee.left_on is None:
        return
    async with database.reading() as session:
        calendar = (await current_calendar(session)).calendar
    if calendar.start_of(employee.left_on) <= instant:
        raise EmployeeHasLeft
