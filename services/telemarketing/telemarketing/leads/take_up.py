"""Taking up work on a lead: whose it is, and whose it becomes."""

from datetime import datetime
from uuid import UUID

from conveyor.kit.database import Transaction
from telemarketing.leads.lock_lead import lock_seen_lead, own_from
from telemarketing.leads.tables import Lead
from telemarketing.wiring import Caller


async def take_up(tx: Transaction, *, lead_id: UUID, caller: Caller, employee_id: UUID, occurred_at: datetime) -> Lead:
    """The locked lead; when it was nobody's it becomes the employee's from `occurred_at` on.

    Raises NotFound when there is none or it is a peer's. Other systems record the work of anybody, whoever owns it now.
    """
    lead = await lock_seen_lead(tx, lead_id=lead_id, role=caller.role, employee_id=caller.employee_id)
    if lead.owner_id is None:
        await own_from(tx, lead, employee_id=employee_id, since=occurred_at)
    return lead
