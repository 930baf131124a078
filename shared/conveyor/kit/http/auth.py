"""Who calls, and whether he may. `allow(…)` guards a route; the roles of a route stand in its OpenAPI operation."""

from dataclasses import dataclass
from typing import get_args
from uuid import UUID

from fastapi import Request
from fastapi.openapi.models import HTTPBearer as BearerScheme
from fastapi.security.base import SecurityBase

from conveyor.contracts.values import Role
from conveyor.kit.http.admission import admit
from conveyor.kit.http.principals import Principal, Unauthenticated
from conveyor.kit.refusals import Forbidden, Invalid, Refusal

ROLES: frozenset[str] = frozenset(get_args(Role))
ROLES_THAT_NAME_THE_EMPLOYEE = frozenset({"integration", "admin"})

__all__ = ["ROLES", "Allow", "Principal", "Unauthenticated", "acting_employee", "allow"]


class TokenNamesNoEmployee(Refusal):
    """This is done by an employee, and your token names none."""

    kind = "forbidden"


class NotYourEmployee(Refusal):
    """Only integration and admin may name another employee."""

    kind = "forbidden"


@dataclass(frozen=True)
class Allow(SecurityBase):
    """A dependency: the caller's Principal when his role is among `roles`."""

    roles: tuple[str, ...]
    model = BearerScheme(bearerFormat="JWT", description="A token of the department's issuer.")
    scheme_name = "bearer"

    async def __call__(self, request: Request) -> Principal:
        """Raise Unauthenticated (401) without a good token, Forbidden (403) for another role."""
        principal = await admit(request)
        if principal.role not in self.roles:
            raise Forbidden
        return principal


def allow(*roles: str) -> Allow:
    """Guard a route: `principal: Annotated[Principal, Depends(allow("sdr", "head"))]`."""
    unknown = set(roles) - ROLES
    assert roles, "name the roles; everybody is a list too"  # noqa: S101 - a programmer's mistake, at import
    assert not unknown, f"no such role: {unknown}"  # noqa: S101 - a programmer's mistake, at import
    return Allow(roles=roles)


def acting_employee(principal: Principal, named: UUID | None) -> UUID:
    """The employee by whom an action is done.

    Role `integration` or `admin` names him in the body's `employee_id`, everybody else acts as the token's employee.
    Raises Invalid pointing at `/employee_id` when it is missing, NotYourEmployee when somebody names another person.
    """
    if principal.role in ROLES_THAT_NAME_THE_EMPLOYEE:
        if named is None:
            raise Invalid.field("/employee_id", "name the employee who did this")
        return named
    if principal.employee_id is None:
        raise TokenNamesNoEmployee
    if named not in {None, principal.employee_id}:
        raise NotYourEmployee
    return principal.employee_id
