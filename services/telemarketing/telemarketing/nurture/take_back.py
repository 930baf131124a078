"""Taking a lead back from closing. Nobody has to accept it: it is in the queue again when its day comes."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from conveyor.contracts.handoffs import HandoffAccepted, HandoffOffered
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event
from conveyor.roster.queries import current_calendar
from telemarketing.handoffs.keep_answer import end_by_nurture
from telemarketing.handoffs.tables import OutgoingHandoff
from telemarketing.leads.lock_lead import lock_lead
from telemarketing.nurture.tables import NurturedLead
from telemarketing.standing.settle import settle_later


async def take_back(tx: Transaction, *, event: Event[HandoffOffered]) -> None:
    """Note it once, end the handoff that closing had accepted, and say that the lead was accepted.

    The acceptance names the lead's owner, else whoever had handed it over.
    """
    fact = event.fact
    lead = await lock_lead(tx, fact.lead_id)
    calendar = (await current_calendar(tx.session)).calendar
    resume_on = fact.resume_on or calendar.day_of(event.occurred_at)
    is_new = await tx.session.scalar(
        upsert(NurturedLead)
        .values(
            handoff_id=fact.handoff_id,
            lead_id=fact.lead_id,
            ends_handoff_id=fact.ends_handoff_id,
            deal_id=fact.deal_id,
            came_at=event.occurred_at,
            resume_on=resume_on,
            resume_at=calendar.start_of(resume_on),
            reason=fact.nurture_reason,
        )
        .on_conflict_do_nothing()
        .returning(NurturedLead.handoff_id)
    )
    if is_new is None:
        return
    if fact.ends_handoff_id is not None:
        await end_by_nurture(tx, event=event, handoff_id=fact.ends_handoff_id)
    settle_later(tx, fact.lead_id)
    accepted = HandoffAccepted(
        handoff_id=fact.handoff_id,
        lead_id=fact.lead_id,
        from_stage=fact.from_stage,
        to_stage=fact.to_stage,
        employee_id=(lead.owner_id if lead else None)
        or await _handed_over_by(tx, fact.ends_handoff_id)
        or fact.offered_by,
        deal_id=fact.deal_id,
    )
    tx.say(accepted, occurred_at=event.occurred_at)


async def _handed_over_by(tx: Transaction, handoff_id: UUID | None) -> UUID | None:
    if handoff_id is None:
        return None
    return await tx.session.scalar(select(OutgoingHandoff.offered_by).where(OutgoingHandoff.handoff_id == handoff_id))
