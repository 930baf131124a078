"""Who works when, and whose name a name is. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from conveyor.contracts.values import EmployeeReference
from conveyor.kit.refusals import Invalid, Refusal


class PayrollNumberTaken(Refusal):
    """Another employee has this payroll number; numbers are never given twice."""


class ReferenceTaken(Refusal):
    """Another employee has this reference while both are employed."""


@dataclass(frozen=True, slots=True)
class Employment:
    """Half-open employment of one person: from `hired_on` until 00:00 of `left_on`."""

    employee_id: UUID
    hired_on: date
    left_on: date | None

    def covers(self, day: date) -> bool:
        """Whether he works there on this day."""
        return self.hired_on <= day and (self.left_on is None or day < self.left_on)

    def overlaps(self, other: "Employment") -> bool:
        """Whether there is a day on which both are employed."""
        starts, ends = max(self.hired_on, other.hired_on), [self.left_on, other.left_on]
        return all(end is None or starts < end for end in ends)


def normal_name(*, system: str, value: str) -> str:
    """The value under which a name is stored and looked up: trimmed, e-mail addresses in lower case."""
    trimmed = value.strip()
    return trimmed.lower() if system == "email" else trimmed


def names_of(*, payroll_number: str, references: Iterable[EmployeeReference]) -> list[tuple[str, str]]:
    """All names by which he is found, sorted: his references and his payroll number. Invalid for a wrong one."""
    names = {("payroll_number", payroll_number)}
    for index, reference in enumerate(references):
        name = (reference.system, normal_name(system=reference.system, value=reference.value))
        if reference.system == "payroll_number" and name[1] != payroll_number:
            raise Invalid.field(pointer=f"/references/{index}/value", message="is not his payroll number")
        if not name[1]:
            raise Invalid.field(pointer=f"/references/{index}/value", message="must not be blank")
        names.add(name)
    return sorted(names)


def check_dates(*, hired_on: date, left_on: date | None) -> None:
    """Nobody leaves before he came. Leaving on the first day means that he never started."""
    if left_on is not None and left_on < hired_on:
        raise Invalid.field(pointer="/left_on", message="must not lie before hired_on")


def check_successor(
    *, employee_id: UUID, role: str, left_on: date | None, successor: Employment | None, successor_role: str | None
) -> None:
    """A successor is another employee of the same role who is there when the leaver goes."""
    if successor is None:
        raise Invalid.field(pointer="/successor_id", message="there is no such employee")
    if successor.employee_id == employee_id:
        raise Invalid.field(pointer="/successor_id", message="nobody succeeds himself")
    if successor_role != role:
        raise Invalid.field(pointer="/successor_id", message="must have the same role")
    if left_on is None:
        raise Invalid.field(pointer="/successor_id", message="only somebody who leaves has a successor")
    if not successor.covers(left_on):
        raise Invalid.field(pointer="/successor_id", message="must be employed on the day the other has left")


def employed_under(employments: Iterable[Employment], day: date) -> UUID | None:
    """Whose name it is on this day; employments of one name never overlap."""
    return next((one.employee_id for one in employments if one.covers(day)), None)
