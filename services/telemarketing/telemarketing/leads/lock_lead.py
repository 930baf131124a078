"""Taking hold of a lead for a change."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import NotFound
from telemarketing.leads.rules import LeadIsErased, check_sees_lead
from telemarketing.leads.settle_owners import ownerships_of, settle_owners
from telemarketing.leads.tables import Lead, LeadAssignment


async def lock_lead(tx: Transaction, lead_id: UUID) -> Lead | None:
    """The lead, locked until the transaction ends, with the owner of this moment; None when there is none."""
    lead = await tx.session.scalar(
        select(Lead).where(Lead.lead_id == lead_id).with_for_update().execution_options(populate_existing=True)
    )
    if lead is not None and lead.owner_until is not None and lead.owner_until <= tx.now:
        await settle_owners(tx, [lead])
    return lead


async def lock_seen_lead(tx: Transaction, *, lead_id: UUID, role: str, employee_id: UUID | None) -> Lead:
    """The same for a caller. Raises NotFound when there is none or it is a peer's, LeadIsErased."""
    lead = await lock_lead(tx, lead_id)
    if lead is None:
        raise NotFound
    check_sees_lead(role=role, employee_id=employee_id, owner_id=lead.owner_id)
    if lead.erased_at is not None:
        raise LeadIsErased
    return lead


async def own_from(tx: Transaction, lead: Lead, *, employee_id: UUID, since: datetime) -> None:
    """Make the employee owner of a lead that nobody owns, from `since` or from when it was last owned or assigned."""
    edges = [since]
    owned = (await ownerships_of(tx.session, [lead.lead_id]))[lead.lead_id]
    edges += [interval.until_at or interval.from_at for interval in owned]
    last_assigned_at = await tx.session.scalar(
        select(func.max(LeadAssignment.from_at)).where(LeadAssignment.lead_id == lead.lead_id)
    )
    if last_assigned_at is not None:
        edges.append(last_assigned_at)
    tx.session.add(
        LeadAssignment(assignment_id=new_id(), lead_id=lead.lead_id, employee_id=employee_id, from_at=max(edges))
    )
    await settle_owners(tx, [lead])
