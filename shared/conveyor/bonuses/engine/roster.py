"""Who works here, and since when no longer."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from conveyor.bonuses.engine.facts import EmployeeFact
from conveyor.kit.calendar import BusinessCalendar


class Roster:
    """The employees by id; of two facts about one employee the higher revision stands."""

    def __init__(self, employees: Iterable[EmployeeFact] = ()) -> None:
        self._employees: dict[UUID, EmployeeFact] = {}
        for employee in employees:
            known = self._employees.get(employee.employee_id)
            if known is None or employee.revision > known.revision:
                self._employees[employee.employee_id] = employee
        self._gone_from: dict[tuple[UUID, str], datetime] = {}

    def find(self, employee_id: UUID) -> EmployeeFact | None:
        """The employee, or None when the roster does not know him."""
        return self._employees.get(employee_id)

    def everybody(self) -> list[UUID]:
        """All employees, by id."""
        return sorted(self._employees)

    def of_role(self, role: str) -> list[UUID]:
        """Everybody of a role, by id."""
        return sorted(item.employee_id for item in self._employees.values() if item.role == role)

    def payroll_number(self, employee_id: UUID) -> str:
        """His payroll number, empty when he is unknown: orders people by what is known outside."""
        employee = self._employees.get(employee_id)
        return employee.payroll_number if employee else ""

    def has_left(self, employee_id: UUID, instant: datetime, calendar: BusinessCalendar) -> bool:
        """Whether he had left by then: from local 00:00 of `left_on` on."""
        employee = self._employees.get(employee_id)
        if employee is None or employee.left_on is None:
            return False
        key = (employee_id, calendar.zone.key)
        gone_from = self._gone_from.get(key)
        if gone_from is None:
            gone_from = self._gone_from[key] = calendar.start_of(employee.left_on)
        return instant >= gone_from

    def keeper(self, employee_id: UUID, instant: datetime, calendar: BusinessCalendar) -> UUID | None:
        """Who holds at this instant what belongs to him: he, or his successor, or the successor's; None when nobody."""
        if not self.has_left(employee_id, instant, calendar):
            return employee_id
        seen: set[UUID] = set()
        current: UUID | None = employee_id
        while current is not None and self.has_left(current, instant, calendar):
            if current in seen:
                return None
            seen.add(current)
            current = self._employees[current].successor_id
        return current
