"""Who may see whose money: an employee his own, a peer's is not there; those who run the department all of it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.refusals import Invalid, NotFound

EMPLOYEES = ("sdr", "ae", "am")
OVERSEERS = ("head", "payroll", "admin", "auditor")

Reader = Annotated[Principal, Depends(allow(*EMPLOYEES, *OVERSEERS))]
Employed = Annotated[Principal, Depends(allow(*EMPLOYEES))]
Overseer = Annotated[Principal, Depends(allow(*OVERSEERS))]


def visible_employee(principal: Principal, named: UUID | None) -> UUID | None:
    """Whose money a list may show: the named one's; an employee's own when he names nobody; None means everybody's.

    Raises NotFound when an employee names somebody else.
    """
    if principal.role in OVERSEERS:
        return named
    if principal.employee_id is None or named not in {None, principal.employee_id}:
        raise NotFound
    return principal.employee_id


def one_employee(principal: Principal, named: UUID | None) -> UUID:
    """The same where one employee is needed. Raises Invalid when nobody is named and the caller has no own money."""
    employee_id = visible_employee(principal, named)
    if employee_id is None:
        raise Invalid.field("/employee_id", "name the employee")
    return employee_id
