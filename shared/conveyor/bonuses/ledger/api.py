"""The journal over HTTP: the feed, an entry with its reason, the chain's check."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from conveyor.bonuses.access import Overseer, Reader, visible_employee
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.explanations.numbers import Language
from conveyor.bonuses.explanations.wording import Wording
from conveyor.bonuses.ledger import queries
from conveyor.bonuses.ledger.append import head_of
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.ledger.verification import verify_chain
from conveyor.bonuses.ledger.views import (
    EntryExplanation,
    EntryFeed,
    EntryView,
    ExplainedEntry,
    ExplanationFeed,
    VerificationView,
    entry_view,
)
from conveyor.kit.http.auth import Principal
from conveyor.kit.refusals import NotFound
from conveyor.roster.queries import current_calendar

_LIMIT_MAX = 1_000


def router(desk: Desk) -> APIRouter:
    """`/bonus-entries`."""
    routes = APIRouter(prefix="/bonus-entries", tags=["bonus_entries"])

    @routes.get("")
    async def list_entries(
        principal: Reader,
        after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, description=f"At most {_LIMIT_MAX}; more is read as {_LIMIT_MAX}.")] = 100,
        employee_id: UUID | None = None,
        lead_id: UUID | None = None,
    ) -> EntryFeed:
        """The journal, immutable and oldest first, of entries after a journal number."""
        whose = visible_employee(principal, employee_id)
        at_most = min(limit, _LIMIT_MAX)
        async with desk.database.reading() as session:
            head = await head_of(session)
            found = await queries.entries_after(
                session, after=after, up_to=head.journal_no, limit=at_most, employee_id=whose, lead_id=lead_id
            )
        next_after = found[-1].journal_no if found else after
        return EntryFeed(
            items=[entry_view(entry) for entry in found],
            next_after=next_after,
            next_cursor=str(next_after) if len(found) == at_most else None,
            watermark=head.journal_no,
            chain_head=head.hash,
        )

    _add_explanations(routes, desk)

    @routes.get("/verification")
    async def get_verification(_principal: Overseer) -> VerificationView:
        """Recompute the whole chain; names the first broken entry."""
        async with desk.database.reading() as session:
            return await verify_chain(session)

    @routes.get("/{entry_id}")
    async def get_entry(entry_id: UUID, principal: Reader) -> EntryView:
        """One entry."""
        return entry_view(await _visible_entry(desk, entry_id, principal))

    return routes


def _add_explanations(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/explanations")
    async def list_explanations(
        principal: Reader,
        after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, description=f"At most {_LIMIT_MAX}; more is read as {_LIMIT_MAX}.")] = 100,
        employee_id: UUID | None = None,
    ) -> ExplanationFeed:
        """The journal with the stored reason of every entry: all that is needed to compute it again."""
        whose = visible_employee(principal, employee_id)
        async with desk.database.reading() as session:
            head = await head_of(session)
            found = await queries.entries_after(
                session, after=after, up_to=head.journal_no, limit=min(limit, _LIMIT_MAX), employee_id=whose
            )
        return ExplanationFeed(
            items=[ExplainedEntry(entry=entry_view(entry), explanation=entry.explanation) for entry in found],
            next_after=found[-1].journal_no if found else after,
            watermark=head.journal_no,
            chain_head=head.hash,
        )

    @routes.get("/{entry_id}/explanation")
    async def get_explanation(entry_id: UUID, principal: Reader, lang: Language = "en") -> EntryExplanation:
        """Why this entry says what it says: plan, inputs with their facts and deliveries, every step; in words too."""
        entry = await _visible_entry(desk, entry_id, principal)
        async with desk.database.reading() as session:
            zone = (await current_calendar(session)).calendar.zone
        return EntryExplanation(
            entry=entry_view(entry),
            lang=lang,
            text=Wording(lang, zone).of(entry.explanation),
            explanation=entry.explanation,
        )


async def _visible_entry(desk: Desk, entry_id: UUID, principal: Principal) -> BonusEntry:
    async with desk.database.reading() as session:
        entry = await queries.find_entry(session, entry_id)
    if entry is None:
        raise NotFound
    visible_employee(principal, entry.employee_id)
    return entry
