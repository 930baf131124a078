"""Reads of leads."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.values import Company, IdentifiedContact, Reference
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from telemarketing.leads.answers import LeadView
from telemarketing.leads.rules import check_sees_lead
from telemarketing.leads.tables import Lead, LeadContact, LeadReference


async def find_lead(session: AsyncSession, lead_id: UUID) -> Lead | None:
    """The lead, None when there is none."""
    return await session.get(Lead, lead_id)


async def seen_lead(session: AsyncSession, *, lead_id: UUID, role: str, employee_id: UUID | None) -> Lead:
    """The lead if the caller may see it. Raises NotFound otherwise."""
    lead = await find_lead(session, lead_id)
    if lead is None:
        raise NotFound
    check_sees_lead(role=role, employee_id=employee_id, owner_id=lead.owner_id)
    return lead


def leads_seen_by(*, role: str, employee_id: UUID | None) -> tuple[ColumnElement[bool], ...]:
    """Of which conditions a lead that the caller may see meets one; he sees all of them where there are none."""
    return (Lead.owner_id == employee_id, Lead.owner_id.is_(None)) if role == "sdr" else ()


async def list_leads(
    session: AsyncSession,
    *,
    seen: Sequence[ColumnElement[bool]],
    lead_id: UUID | None,
    owner_id: UUID | None,
    state: str | None,
    page: PageRequest,
) -> Page[LeadView]:
    """A page of the leads that meet one of the conditions in `seen`, oldest id first."""
    wanted = select(Lead)
    if lead_id is not None:
        wanted = wanted.where(Lead.lead_id == lead_id)
    if owner_id is not None:
        wanted = wanted.where(Lead.owner_id == owner_id)
    if state is not None:
        wanted = wanted.where(Lead.state == state)
    leads, next_cursor = await page_of(session, wanted, key=(Lead.lead_id,), page=page, looks=seen)
    return Page(items=await lead_views(session, leads), next_cursor=next_cursor)


async def contacts_of(session: AsyncSession, lead_ids: Iterable[UUID]) -> dict[UUID, tuple[IdentifiedContact, ...]]:
    """The contacts of each lead in the order in which they were named."""
    found: dict[UUID, list[IdentifiedContact]] = defaultdict(list)
    rows = await session.scalars(
        select(LeadContact)
        .where(LeadContact.lead_id.in_(list(lead_ids)))
        .order_by(LeadContact.lead_id, LeadContact.position_no, LeadContact.contact_id)
    )
    for row in rows:
        found[row.lead_id].append(
            IdentifiedContact(
                contact_id=row.contact_id,
                name=row.name,
                position=row.position,
                phone=row.phone,
                email=row.email,
                role=row.role,
                influence=row.influence,
            )
        )
    return defaultdict(tuple, {lead_id: tuple(contacts) for lead_id, contacts in found.items()})


async def lead_views(session: AsyncSession, leads: Sequence[Lead]) -> list[LeadView]:
    """The leads with their contacts and references."""
    lead_ids = [lead.lead_id for lead in leads]
    contacts = await contacts_of(session, lead_ids)
    references: dict[UUID, list[Reference]] = defaultdict(list)
    rows = await session.scalars(
        select(LeadReference)
        .where(LeadReference.lead_id.in_(lead_ids))
        .order_by(LeadReference.lead_id, LeadReference.system, LeadReference.match_key)
    )
    for row in rows:
        references[row.lead_id].append(Reference(system=row.system, value=row.value))
    return [_view(lead, contacts[lead.lead_id], references[lead.lead_id]) for lead in leads]


def company_of(lead: Lead) -> Company:
    """The lead's company."""
    return Company(name=lead.company_name, inn=lead.inn, website=lead.website, city=lead.city)


def _view(lead: Lead, contacts: tuple[IdentifiedContact, ...], references: Sequence[Reference]) -> LeadView:
    return LeadView(
        id=lead.lead_id,
        revision=lead.revision,
        state=lead.state,
        company=company_of(lead),
        contacts=contacts,
        channel=lead.channel,
        campaign=lead.campaign,
        mechanics=lead.mechanics,
        segment=lead.segment,
        references=tuple(references),
        owner_id=lead.owner_id,
        registered_at=lead.registered_at,
        worked_at=lead.worked_at,
    )
