"""A lead came in by itself, for the first time or again."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as upsert

from conveyor.contracts.outside import LeadReceived
from conveyor.contracts.values import Contact, IdentifiedContact
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from telemarketing.leads.announce import say_lead
from telemarketing.leads.claim_references import Claim, claim_references
from telemarketing.leads.enter_leads import Entry, contact_rows, enter_leads
from telemarketing.leads.lock_lead import lock_lead
from telemarketing.leads.queries import contacts_of
from telemarketing.leads.rules import LeadDraft, all_references
from telemarketing.leads.tables import Inquiry, Lead
from telemarketing.standing.settle import settle_later


async def receive_inquiry(tx: Transaction, *, fact: LeadReceived, received_at: datetime) -> None:
    """Note the inquiry; enter the lead if it is new, else add what the inquiry tells beyond what is known.

    The earliest inquiry describes a lead that nobody described yet, in whatever order inquiries are heard. References
    that another lead holds stay there: the bus, which correlates by them, parks such claims.
    """
    is_new = await tx.session.scalar(
        upsert(Inquiry)
        .values(
            delivery_id=fact.delivery_id,
            lead_id=fact.lead_id,
            received_at=received_at,
            channel=fact.channel,
            campaign=fact.campaign,
            mechanics=fact.mechanics,
        )
        .on_conflict_do_nothing()
        .returning(Inquiry.delivery_id)
    )
    if is_new is None:
        return
    settle_later(tx, fact.lead_id)
    lead = await lock_lead(tx, fact.lead_id)
    draft = _draft(fact)
    if lead is None:
        await enter_leads(tx, [Entry(draft=draft, registered_at=received_at, described_at=received_at)])
    else:
        await _add_to(tx, lead, draft, received_at=received_at)


async def _add_to(tx: Transaction, lead: Lead, draft: LeadDraft, *, received_at: datetime) -> None:
    known = (await contacts_of(tx.session, [lead.lead_id]))[lead.lead_id]
    new = tuple(contact for contact in draft.contacts if not any(_is_same(contact, other) for other in known))
    is_earlier = lead.described_at is not None and received_at < lead.described_at
    if is_earlier:
        _describe(lead, draft, received_at=received_at)
    if new:
        tx.session.add_all(contact_rows(lead.lead_id, new, first_position_no=len(known)))
    if new or is_earlier:
        lead.revision += 1
        await tx.session.flush()
        say_lead(tx, lead, (*known, *new))
    await claim_references(tx, [Claim(lead.lead_id, reference) for reference in draft.references])


def _describe(lead: Lead, draft: LeadDraft, *, received_at: datetime) -> None:
    lead.company_name = draft.company.name
    lead.inn = draft.company.inn
    lead.website = draft.company.website
    lead.city = draft.company.city
    lead.channel = draft.channel
    lead.campaign = draft.campaign
    lead.mechanics = draft.mechanics
    lead.segment = draft.segment
    lead.registered_at = lead.described_at = received_at


def _is_same(contact: Contact, other: Contact) -> bool:
    fields = ("name", "phone", "email")
    return all(getattr(contact, field) == getattr(other, field) for field in fields)


def _draft(fact: LeadReceived) -> LeadDraft:
    contacts = tuple(IdentifiedContact(contact_id=new_id(), **contact.model_dump()) for contact in fact.contacts)
    named = [reference for reference in fact.references if reference.system != "lead_id"]
    return LeadDraft(
        lead_id=fact.lead_id,
        company=fact.company,
        contacts=contacts,
        channel=fact.channel,
        campaign=fact.campaign,
        mechanics=fact.mechanics,
        segment=fact.segment,
        references=all_references(company=fact.company, contacts=contacts, references=named),
    )
