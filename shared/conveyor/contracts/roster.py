"""Facts of the roster: employees, chains, the department's calendar. Each carries the whole state and its revision.

A reader keeps the highest revision, so the order of arrival does not matter.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import PERSONAL, Code, EmployeeReference, Role, Text

AbsenceKind = Literal["vacation", "sick_leave", "other"]


class EmployeeRecorded(Fact):
    """An employee as the roster knows him. From 00:00 of `left_on` (department's zone) he owns nothing.

    Routing gives him no more than `open_handoffs_max` unanswered handoffs at a time; as many as come when it is empty.
    """

    employee_id: UUID
    revision: int
    full_name: Annotated[Text, PERSONAL]
    role: Role
    payroll_number: Code
    hired_on: date
    left_on: date | None = None
    successor_id: UUID | None = None
    references: tuple[EmployeeReference, ...] = ()
    open_handoffs_max: Annotated[int, Field(ge=0)] | None = None


class AbsenceRecorded(Fact):
    """An employee is away from `from_on` until he is back on `until_on` (half-open days); a cancelled one never was."""

    absence_id: UUID
    employee_id: UUID
    revision: int
    from_on: date
    until_on: date
    kind: AbsenceKind
    cancelled: bool = False


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
