"""Correcting what is known of a lead."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert

from conveyor.contracts.values import Company, Contact, Reference
from conveyor.kit.database import Transaction
from conveyor.kit.http.etags import StaleRevision
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import Invalid
from telemarketing.leads.announce import say_lead
from telemarketing.leads.answers import LeadView
from telemarketing.leads.claim_references import Claim, claim_references
from telemarketing.leads.lock_lead import lock_seen_lead
from telemarketing.leads.queries import company_of, contacts_of, lead_views
from telemarketing.leads.record_lead import refuse_taken
from telemarketing.leads.rules import all_references
from telemarketing.leads.tables import Lead, LeadContact
from telemarketing.standing.settle import settle_standing
from telemarketing.wiring import Caller, Desk


@dataclass(frozen=True, slots=True)
class NamedContact:
    """A contact of the corrected list; one that was there keeps its id."""

    contact_id: UUID | None
    contact: Contact


@dataclass(frozen=True, slots=True)
class CorrectLead:
    """`changes` holds plain columns by name; company and contacts replace what was there, references are added."""

    lead_id: UUID
    revision: int
    changes: dict[str, Any]
    company: Company | None
    contacts: tuple[NamedContact, ...] | None
    references: tuple[Reference, ...]


async def correct_lead(desk: Desk, *, caller: Caller, command: CorrectLead) -> LeadView:
    """Apply the correction. Raises NotFound, StaleRevision, Invalid (a foreign contact id), ReferenceTaken."""
    async with desk.database.transaction() as tx:
        lead = await lock_seen_lead(tx, lead_id=command.lead_id, role=caller.role, employee_id=caller.employee_id)
        # The row is locked, so this comparison is as good as one inside the UPDATE.
        if lead.revision != command.revision:
            raise StaleRevision
        _describe(lead, command)
        if command.contacts is not None:
            await _replace_contacts(tx, lead.lead_id, command.contacts)
        lead.revision += 1
        lead.described_at = None
        await tx.session.flush()
        contacts = (await contacts_of(tx.session, [lead.lead_id]))[lead.lead_id]
        named = all_references(company=company_of(lead), contacts=contacts, references=command.references)
        taken = await claim_references(tx, [Claim(lead.lead_id, reference) for reference in named])
        if taken:
            await refuse_taken(tx, caller=caller, taken=taken[0])
        await settle_standing(tx, [lead])
        say_lead(tx, lead, contacts)
        [view] = await lead_views(tx.session, [lead])
        return await tx.commit(view)


def _describe(lead: Lead, command: CorrectLead) -> None:
    for column, value in command.changes.items():
        setattr(lead, column, value)
    if command.company is not None:
        lead.company_name = command.company.name
        lead.inn = command.company.inn
        lead.website = command.company.website
        lead.city = command.company.city


async def _replace_contacts(tx: Transaction, lead_id: UUID, named: tuple[NamedContact, ...]) -> None:
    known = {contact.contact_id for contact in (await contacts_of(tx.session, [lead_id]))[lead_id]}
    given = [one.contact_id for one in named if one.contact_id is not None]
    if not known.issuperset(given) or len(set(given)) != len(given):
        raise Invalid.field(pointer="/contacts", message="contact_id must name a contact of this lead, each once")
    await tx.session.execute(delete(LeadContact).where(LeadContact.lead_id == lead_id))
    rows = [
        {
            "lead_id": lead_id,
            "position_no": position_no,
            "contact_id": one.contact_id or new_id(),
            **one.contact.model_dump(),
        }
        for position_no, one in enumerate(named)
    ]
    if rows:
        # Past the identity map: it may hold rows of the same ids that were deleted a line above.
        await tx.session.execute(insert(LeadContact), rows)
