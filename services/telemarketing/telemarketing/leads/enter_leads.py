"""Putting leads on the line: the part that recording one, importing many and hearing an inquiry have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conveyor.contracts.values import IdentifiedContact
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from telemarketing.leads.announce import say_lead
from telemarketing.leads.claim_references import Claim, Taken, claim_references
from telemarketing.leads.rules import LeadDraft
from telemarketing.leads.settle_owners import settle_owners
from telemarketing.leads.tables import Lead, LeadAssignment, LeadContact
from telemarketing.standing.rules import inquiry_signal, queue_place


@dataclass(frozen=True, slots=True)
class Entry:
    """A lead to enter. `described_at` is set when an inquiry describes it, not a person."""

    draft: LeadDraft
    registered_at: datetime
    owner_id: UUID | None = None
    recorded_by: UUID | None = None
    described_at: datetime | None = None


async def enter_leads(tx: Transaction, entries: Sequence[Entry]) -> list[Taken]:
    """Insert the leads, claim their references, say all of it. Answers the references that other leads hold."""
    leads = [_lead(tx, entry) for entry in entries]
    tx.session.add_all(leads)
    await tx.session.flush()
    for entry in entries:
        tx.session.add_all(contact_rows(entry.draft.lead_id, entry.draft.contacts))
        if entry.owner_id is not None:
            tx.session.add(
                LeadAssignment(
                    assignment_id=new_id(),
                    lead_id=entry.draft.lead_id,
                    employee_id=entry.owner_id,
                    from_at=entry.registered_at,
                )
            )
    owned = [lead for lead, entry in zip(leads, entries, strict=True) if entry.owner_id is not None]
    if owned:
        await settle_owners(tx, owned, silently=True)
    await tx.session.flush()
    for lead, entry in zip(leads, entries, strict=True):
        say_lead(tx, lead, entry.draft.contacts, occurred_at=entry.registered_at)
    claims = [Claim(entry.draft.lead_id, reference) for entry in entries for reference in entry.draft.references]
    return await claim_references(tx, claims)


def contact_rows(
    lead_id: UUID, contacts: Sequence[IdentifiedContact], *, first_position_no: int = 0
) -> list[LeadContact]:
    """A lead's contacts as rows, numbered in their order."""
    return [
        LeadContact(lead_id=lead_id, position_no=number, **contact.model_dump())
        for number, contact in enumerate(contacts, start=first_position_no)
    ]


def _lead(tx: Transaction, entry: Entry) -> Lead:
    draft = entry.draft
    signal = inquiry_signal(at=entry.registered_at, mechanics=draft.mechanics)
    place = queue_place(signals=[signal], worked_at=None, registered_at=entry.registered_at)
    return Lead(
        lead_id=draft.lead_id,
        revision=1,
        company_name=draft.company.name,
        inn=draft.company.inn,
        website=draft.company.website,
        city=draft.company.city,
        channel=draft.channel,
        campaign=draft.campaign,
        mechanics=draft.mechanics,
        segment=draft.segment,
        state="new",
        registered_at=entry.registered_at,
        recorded_at=tx.now,
        recorded_by=entry.recorded_by,
        described_at=entry.described_at,
        queue_rank=place.rank,
        next_contact_at=place.next_contact_at,
    )
