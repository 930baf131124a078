"""What every route of this service is given: the running service and its settings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from conveyor.kit.business_time import business_time
from conveyor.kit.database import Database
from conveyor.kit.http.auth import Principal
from conveyor.kit.refusals import Forbidden
from telemarketing.settings import TelemarketingSettings


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an action is done: the database and the department's limits."""

    database: Database
    settings: TelemarketingSettings

    def business_time(self, occurred_at: datetime | None, *, now: datetime, role: str) -> datetime:
        """The moment of an action. Raises Invalid at `/occurred_at` for the future and for too long ago."""
        return business_time(
            occurred_at, now=now, principal_role=role, backdating_days_max=self.settings.backdating_days_max
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as the rules of this service need it."""

    role: str
    employee_id: UUID | None


def caller_of(principal: Principal) -> Caller:
    """The caller behind a token."""
    return Caller(role=principal.role, employee_id=principal.employee_id)


def limited_to(principal: Principal) -> UUID | None:
    """The SDR to whose own objects a list is limited; None for roles that see everybody's.

    Raises Forbidden for an SDR's token that names no employee: it has nothing of its own.
    """
    if principal.role != "sdr":
        return None
    if principal.employee_id is None:
        raise Forbidden
    return principal.employee_id


def desk_of(request: Request) -> Desk:
    """The desk that the composition root put into the application's state."""
    desk: Desk = request.app.state.desk
    return desk


DeskHere = Annotated[Desk, Depends(desk_of)]
