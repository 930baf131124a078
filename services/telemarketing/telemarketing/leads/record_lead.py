"""Recording a lead of the target base."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conveyor.kit.database import Transaction
from telemarketing.leads.answers import LeadView
from telemarketing.leads.claim_references import Taken
from telemarketing.leads.enter_leads import Entry, enter_leads
from telemarketing.leads.queries import find_lead, lead_views
from telemarketing.leads.rules import LeadDraft, ReferenceTaken, check_may_own, may_see_lead
from telemarketing.sdrs import known_sdr
from telemarketing.wiring import Caller, Desk


@dataclass(frozen=True, slots=True)
class RecordLead:
    """The lead to record; `owner_id` owns it from `occurred_at` on, nobody when it is empty."""

    draft: LeadDraft
    owner_id: UUID | None
    recorded_by: UUID | None
    occurred_at: datetime | None


async def record_lead(desk: Desk, *, caller: Caller, command: RecordLead) -> LeadView:
    """Put the lead on the line. Raises ReferenceTaken, Forbidden (an SDR naming a peer), Invalid."""
    check_may_own(role=caller.role, employee_id=caller.employee_id, owner_id=command.owner_id)
    if command.owner_id is not None:
        await known_sdr(desk.database, command.owner_id, pointer="/owner_id")
    async with desk.database.transaction() as tx:
        registered_at = desk.business_time(command.occurred_at, now=tx.now, role=caller.role)
        entry = Entry(
            draft=command.draft,
            registered_at=registered_at,
            owner_id=command.owner_id,
            recorded_by=command.recorded_by,
        )
        taken = await enter_leads(tx, [entry])
        if taken:
            await refuse_taken(tx, caller=caller, taken=taken[0])
        lead = await find_lead(tx.session, command.draft.lead_id)
        assert lead is not None  # noqa: S101 - entered above
        [view] = await lead_views(tx.session, [lead])
        return await tx.commit(view)


async def refuse_taken(tx: Transaction, *, caller: Caller, taken: Taken) -> None:
    """Raises ReferenceTaken; it names the other lead to those who may see it."""
    reference = taken.claim.reference
    holder = await find_lead(tx.session, taken.holder_id)
    if holder is not None and may_see_lead(role=caller.role, employee_id=caller.employee_id, owner_id=holder.owner_id):
        raise ReferenceTaken(system=reference.system, lead_id=str(holder.lead_id))
    raise ReferenceTaken(system=reference.system)
