"""An inbound lead: find the lead it is, or mint its id, and register its names in the same transaction."""

from uuid import UUID

from conveyor.contracts.outside import LeadReceived
from conveyor.contracts.values import Contact, Reference
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from handoff_bus.deliveries.letter import Letter
from handoff_bus.deliveries.rules import Known, Old, Park, Publish, find_lead
from handoff_bus.references.register_references import register_references
from handoff_bus.references.rules import Claim, claims_of, is_exclusive
from handoff_bus.sources.kinds.standard.schema import LeadEvent, LeadIn
from handoff_bus.write_backs.queries import is_written_to


async def receive_lead(tx: Transaction, letter: Letter, known: Known) -> Publish | Park | Old:
    """Says which lead it is and registers its names; `known` learns them for the rest of the batch.

    A CRM that tells of a lead as new after the bus wrote to it there tells of our own doing.
    """
    assert isinstance(letter.event, LeadEvent)  # noqa: S101 - the caller sorted them
    data = letter.event.data
    lead = _which(letter, known)
    if isinstance(lead, Park):
        return lead
    if await _is_echo(tx, letter, lead, known):
        return Old("The bus has written to this lead there; its CRM tells of it again.", "echo")
    claims = names_in(data, lead)
    await register_references(tx, lead_ids={lead}, claims=claims)
    known.lead_ids.add(lead)
    for claim in claims:
        holders = known.leads.setdefault(claim.name, set())
        if not holders or not is_exclusive(claim.system):
            holders.add(lead)
    fact = LeadReceived(
        lead_id=lead,
        company=data.company,
        contacts=tuple(Contact(**contact.model_dump()) for contact in data.contacts),
        channel=data.channel,
        campaign=data.campaign,
        mechanics=data.mechanics,
        segment=data.segment,
        references=tuple(Reference(system=claim.system, value=claim.value) for claim in claims),
        delivery_id=letter.delivery_id,
    )
    return Publish(fact, letter.event.timestamp, lead)


async def _is_echo(tx: Transaction, letter: Letter, lead_id: UUID, known: Known) -> bool:
    name = letter.lead
    if letter.matched_lead_id is not None or name is None or name[0] != f"crm:{letter.source}":
        return False
    is_known = lead_id in known.leads.get(name, ())
    return is_known and await is_written_to(tx.session, lead_id=lead_id, source_id=letter.source_id)


def names_in(data: LeadIn, lead_id: UUID) -> list[Claim]:
    """Every name by which this inbound lead is known: its own, its INN, its people's phones and e-mails."""
    contacts = [Contact(**contact.model_dump()) for contact in data.contacts]
    return claims_of(lead_id, [data.lead], company=data.company, contacts=contacts)


def _which(letter: Letter, known: Known) -> UUID | Park:
    assert isinstance(letter.event, LeadEvent)  # noqa: S101 - the caller sorted them
    if letter.matched_lead_id is not None or letter.event.data.lead.system == "lead_id":
        return find_lead(letter, known)
    minted = new_id()
    names = [claim.name for claim in names_in(letter.event.data, minted)]
    # Names that belong to one lead decide before names that may be shared.
    for exclusive in (True, False):
        leads = {lead for name in names if is_exclusive(name[0]) is exclusive for lead in known.leads.get(name, ())}
        if len(leads) > 1:
            return Park("ambiguous_lead", f"Its names mean {len(leads)} leads; match it by hand.")
        if leads:
            return leads.pop()
    return minted
