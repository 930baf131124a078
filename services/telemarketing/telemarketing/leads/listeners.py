"""Facts that make or change leads."""

from sqlalchemy.dialects.postgresql import insert as upsert

from conveyor.contracts.outside import LeadReceived
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.roster import EmployeeRecorded
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from telemarketing.leads.leavers import settle_leads_of
from telemarketing.leads.receive_inquiry import receive_inquiry
from telemarketing.leads.rules import match_key
from telemarketing.leads.tables import LeadReference


def listen(listeners: Listeners) -> None:
    """Register after the roster, so that a leave is known when the leaver's leads are settled."""
    listeners.on(LeadReceived, on_lead_received)
    listeners.on(ReferenceAssigned, on_reference_assigned)
    listeners.on(EmployeeRecorded, on_employee_recorded)


async def on_lead_received(tx: Transaction, event: Event[LeadReceived]) -> None:
    """Enter the lead, or note that it came again."""
    await receive_inquiry(tx, fact=event.fact, received_at=event.occurred_at)


async def on_reference_assigned(tx: Transaction, event: Event[ReferenceAssigned]) -> None:
    """Keep what others learnt, to show it and to recognise a lead that is recorded twice. The first claim stands."""
    reference = event.fact.reference
    key = match_key(reference)
    if key is None or reference.system == "lead_id":
        return
    await tx.session.execute(
        upsert(LeadReference)
        .values(lead_id=event.fact.lead_id, system=reference.system, match_key=key, value=reference.value)
        .on_conflict_do_nothing()
    )


async def on_employee_recorded(tx: Transaction, event: Event[EmployeeRecorded]) -> None:
    """A leaver's leads go to his successor or back to the queue; a corrected leave gives them back."""
    await settle_leads_of(tx, event.fact.employee_id)
