"""Reading what names mean."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.direct import Direct
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from handoff_bus.references.rules import normal_value
from handoff_bus.references.tables import ClaimedReference, CorrelatedLead

ReferenceState = Literal["active", "conflict"]

_LEADS = Direct("""
    SELECT system, value, lead_id FROM correlated_references
    JOIN unnest(CAST(:systems AS text[]), CAST(:values AS text[])) AS wanted (system, value) USING (system, value)
    WHERE state = 'active'
""")


class ReferenceView(AnswerModel):
    """A lead's claim on a name, in its normal form; `conflict` means that the name belongs to another lead.

    `awarded_…` says who gave it the name of another lead, and why.
    """

    id: UUID
    system: str
    value: str
    lead_id: UUID
    deal_id: UUID | None
    state: ReferenceState
    recorded_at: datetime
    awarded_at: datetime | None = None
    awarded_by: str | None = None
    awarded_reason: str | None = None


async def leads_by_name(
    session: AsyncSession, names: Collection[tuple[str, str]]
) -> defaultdict[tuple[str, str], set[UUID]]:
    """The leads that each of these (system, normal value) names means."""
    found: defaultdict[tuple[str, str], set[UUID]] = defaultdict(set)
    if names:
        systems, values = zip(*names, strict=True)
        for system, value, lead_id in await _LEADS.rows(session, systems=systems, values=values):
            found[system, value].add(lead_id)
    return found


async def known_leads(session: AsyncSession, lead_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these ids that were announced as leads."""
    if not lead_ids:
        return set()
    return set(await session.scalars(select(CorrelatedLead.lead_id).where(CorrelatedLead.lead_id.in_(lead_ids))))


async def list_references(
    session: AsyncSession,
    *,
    state: ReferenceState | None,
    lead_id: UUID | None,
    system: str | None,
    value: str | None,
    page: PageRequest,
) -> Page[ReferenceView]:
    """Names of leads, by id. A value is compared in its normal form when the system is named too."""
    statement = select(ClaimedReference)
    if state is not None:
        statement = statement.where(ClaimedReference.state == state)
    if lead_id is not None:
        statement = statement.where(ClaimedReference.lead_id == lead_id)
    if system is not None:
        statement = statement.where(ClaimedReference.system == system)
    if value is not None:
        wanted = normal_value(system=system, value=value) if system is not None else value
        statement = statement.where(ClaimedReference.value == wanted)
    claims, cursor = await page_of(session, statement, key=[ClaimedReference.reference_id], page=page)
    return Page[ReferenceView](items=[view_of(claim) for claim in claims], next_cursor=cursor)


def view_of(claim: ClaimedReference) -> ReferenceView:
    """The claim as it is shown."""
    names = [name for name in ReferenceView.model_fields if name != "id"]
    return ReferenceView.model_validate({"id": claim.reference_id, **{name: getattr(claim, name) for name in names}})
