"""What actions on a deal share: who does it, when, and whether the deal is his to touch."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from closing.deals.tables import Deal
from conveyor.handoffs.ownership.queries import owned_by
from conveyor.handoffs.stage import ReceivingStage
from conveyor.kit.business_time import business_time
from conveyor.kit.database import Database, Transaction
from conveyor.kit.http.auth import Principal, acting_employee
from conveyor.kit.http.etags import StaleRevision
from conveyor.kit.http.models import BusinessInstant, RequestModel
from conveyor.kit.refusals import NotFound
from conveyor.roster.queries import working_employee


class ActedRequest(RequestModel):
    """Something an employee did, now unless `occurred_at` says when. Only integration and admin name `employee_id`."""

    employee_id: UUID | None = None
    occurred_at: BusinessInstant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where the actions work: the stage's database, and how far back people may date what they did."""

    stage: ReceivingStage
    database: Database
    backdating_days_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """Somebody does something with a deal; `at` is business time."""

    principal: Principal
    deal_id: UUID
    employee_id: UUID
    at: datetime


async def doing_of(desk: Desk, *, principal: Principal, deal_id: UUID, said: ActedRequest) -> Doing:
    """Check who and when. Raises Invalid for a time that may not be, or a person who is no AE employed then."""
    employee_id = acting_employee(principal, said.employee_id)
    at = business_time(
        said.occurred_at,
        now=desk.database.clock.now(),
        principal_role=principal.role,
        backdating_days_max=desk.backdating_days_max,
    )
    await working_employee(desk.database, employee_id, role="ae", at=at)
    return Doing(principal=principal, deal_id=deal_id, employee_id=employee_id, at=at)


async def deal_to_change(tx: Transaction, *, deal_id: UUID, principal: Principal, revision: int | None = None) -> Deal:
    """The deal, locked, with its revision already raised.

    Raises NotFound when there is none or an AE does not own it now, StaleRevision when it is not at `revision`.
    """
    statement = select(Deal).where(Deal.deal_id == deal_id).with_for_update()
    if principal.role == "ae":
        if principal.employee_id is None:
            raise NotFound
        statement = statement.where(owned_by(Deal.deal_id, principal.employee_id, tx.now))
    deal: Deal | None = await tx.session.scalar(statement.execution_options(populate_existing=True))
    if deal is None:
        raise NotFound
    if revision is not None and deal.revision != revision:
        raise StaleRevision
    deal.revision += 1
    return deal
