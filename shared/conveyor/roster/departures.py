"""Whether a departure that somebody thinks of makes sense, by the same rules as at the bus."""

from datetime import date
from typing import Final
from uuid import UUID

from conveyor.kit.database import Database
from conveyor.kit.refusals import Invalid
from conveyor.roster.queries import known_employee
from conveyor.roster.rules import works_on

_FIRST: Final = date(1900, 1, 2)
_LAST: Final = date(2999, 12, 30)


async def check_departure(database: Database, *, employee_id: UUID, left_on: date, successor_id: UUID | None) -> None:
    """Raises Invalid for an unknown employee, a day before he came, a successor of another role or not there then."""
    employee = await known_employee(database, employee_id)
    if not _FIRST <= left_on <= _LAST or left_on < employee.hired_on:
        raise Invalid.field(pointer="/left_on", message="must not lie before hired_on")
    if successor_id is None:
        return
    successor = await known_employee(database, successor_id, pointer="/successor_id")
    if successor_id == employee_id:
        raise Invalid.field(pointer="/successor_id", message="nobody succeeds himself")
    if successor.role != employee.role or not works_on(successor, left_on):
        raise Invalid.field(pointer="/successor_id", message="must have the same role and be employed on that day")
