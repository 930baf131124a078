"""What becomes of the leads of those who leave."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from conveyor.kit.database import Transaction
from conveyor.roster.tables import Employee
from telemarketing.leads.settle_owners import settle_owners
from telemarketing.leads.tables import Lead, LeadAssignment

_SUCCESSIONS_MAX = 100


async def settle_leads_of(tx: Transaction, employee_id: UUID) -> None:
    """Derive anew the owners of all leads that were assigned to the employee or to somebody whom he succeeds."""
    concerned = await _with_predecessors(tx, employee_id)
    leads = await tx.session.scalars(
        select(Lead)
        .where(Lead.lead_id.in_(select(LeadAssignment.lead_id).where(LeadAssignment.employee_id.in_(concerned))))
        .order_by(Lead.lead_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = leads.all()
    if found:
        await settle_owners(tx, found)


async def settle_due_owners(tx: Transaction, *, leads_max: int) -> int:
    """Derive anew the owners of leads whose owner left meanwhile; answers how many there were.

    Leads that somebody else works on at this moment are left out: their own transaction does the same.
    """
    leads = await tx.session.scalars(
        select(Lead)
        .where(Lead.owner_until <= tx.now)
        .order_by(Lead.lead_id)
        .limit(leads_max)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    found = leads.all()
    if found:
        await settle_owners(tx, found)
    return len(found)


async def _with_predecessors(tx: Transaction, employee_id: UUID) -> Sequence[UUID]:
    concerned = {employee_id}
    newest = {employee_id}
    for _ in range(_SUCCESSIONS_MAX):
        found = await tx.session.scalars(select(Employee.employee_id).where(Employee.successor_id.in_(newest)))
        newest = set(found) - concerned
        if not newest:
            break
        concerned |= newest
    return sorted(concerned)
