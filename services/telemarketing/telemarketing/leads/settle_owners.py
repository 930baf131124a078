"""Deriving who owns leads now, after an assignment, a leave, or the passing of time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.database import Transaction
from conveyor.roster.queries import current_calendar
from conveyor.roster.tables import Employee
from telemarketing.leads.announce import say_lead
from telemarketing.leads.ownership import Assigned, Leave, Owned, changes_after, owner_at, ownership
from telemarketing.leads.queries import contacts_of
from telemarketing.leads.tables import Lead, LeadAssignment, LeadOwnership


async def settle_owners(tx: Transaction, leads: Sequence[Lead], *, silently: bool = False) -> None:
    """Derive the leads' intervals of ownership and their present owner again; the rows must be locked by the caller.

    Says `lead_recorded` under a new revision for each lead whose owner changed, unless the caller says the lead itself
    (`silently`).
    """
    lead_ids = [lead.lead_id for lead in leads]
    await tx.session.flush()
    leaves = await _leaves(tx.session)
    assigned = await _assigned(tx.session, lead_ids)
    stored = await ownerships_of(tx.session, lead_ids)
    changed: list[Lead] = []
    for lead in leads:
        intervals = ownership(assigned[lead.lead_id], leaves)
        if intervals != stored[lead.lead_id]:
            await _store(tx.session, lead.lead_id, intervals)
        owner_id = owner_at(intervals, tx.now)
        lead.owner_until = changes_after(intervals, tx.now)
        if owner_id != lead.owner_id:
            lead.owner_id = owner_id
            lead.leased_to = lead.leased_until = None
            changed.append(lead)
    if changed and not silently:
        await _say(tx, changed)


async def ownerships_of(session: AsyncSession, lead_ids: Sequence[UUID]) -> Mapping[UUID, list[Owned]]:
    """The stored intervals of each lead, oldest first."""
    found: dict[UUID, list[Owned]] = defaultdict(list)
    rows = await session.execute(
        select(LeadOwnership.lead_id, LeadOwnership.employee_id, LeadOwnership.from_at, LeadOwnership.until_at)
        .where(LeadOwnership.lead_id.in_(lead_ids))
        .order_by(LeadOwnership.lead_id, LeadOwnership.from_at)
    )
    for row in rows:
        found[row.lead_id].append(Owned(row.employee_id, row.from_at, row.until_at))
    return found


async def _leaves(session: AsyncSession) -> dict[UUID, Leave]:
    calendar = (await current_calendar(session)).calendar
    rows = await session.execute(
        select(Employee.employee_id, Employee.left_on, Employee.successor_id).where(Employee.left_on.is_not(None))
    )
    return {
        row.employee_id: Leave(at=calendar.start_of(row.left_on), successor_id=row.successor_id)
        for row in rows
        if row.left_on is not None
    }


async def _assigned(session: AsyncSession, lead_ids: Sequence[UUID]) -> Mapping[UUID, list[Assigned]]:
    found: dict[UUID, list[Assigned]] = defaultdict(list)
    rows = await session.execute(
        select(LeadAssignment.lead_id, LeadAssignment.employee_id, LeadAssignment.from_at)
        .where(LeadAssignment.lead_id.in_(lead_ids))
        .order_by(LeadAssignment.assignment_id)
    )
    for row in rows:
        found[row.lead_id].append(Assigned(row.employee_id, row.from_at))
    return found


async def _store(session: AsyncSession, lead_id: UUID, intervals: Sequence[Owned]) -> None:
    await session.execute(delete(LeadOwnership).where(LeadOwnership.lead_id == lead_id))
    session.add_all(
        LeadOwnership(lead_id=lead_id, employee_id=one.employee_id, from_at=one.from_at, until_at=one.until_at)
        for one in intervals
    )


async def _say(tx: Transaction, leads: Sequence[Lead]) -> None:
    contacts = await contacts_of(tx.session, [lead.lead_id for lead in leads])
    for lead in leads:
        lead.revision += 1
        say_lead(tx, lead, contacts[lead.lead_id])
