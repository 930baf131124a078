"""Facts of the roster: employees, chains, the department's calendar. Each carries the whole state and its revision.

A reader keeps the highest revision, so the order of arrival does not matter.
"""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import Code, EmployeeReference, Role, Text


class EmployeeRecorded(Fact):
    """An employee as the roster knows him. From 00:00 of `left_on` (department's zone) he owns nothing."""

    employee_id: UUID
    revision: int
    full_name: Text
    role: Role
    payroll_number: Code
    hired_on: date
    left_on: date | None = None
    successor_id: UUID | None = None
    references: tuple[EmployeeReference, ...] = ()


class ChainRecorded(Fact):
    """People of the three stages who work together; a lead handed over stays in its chain where it can."""

    chain_id: UUID
    revision: int
    name: Text
    member_ids: tuple[UUID, ...]
    effective_from: date


class CalendarRecorded(Fact):
    """The department's zone, currency and working days from a date on. Weekdays are ISO: Monday 1 to Sunday 7."""

    revision: int
    effective_from: date
    zone: Text
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    working_weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...]
    holidays: tuple[date, ...] = ()
    extra_working_days: tuple[date, ...] = ()
