"""Reading the record of erasures."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.registry import SERVICES
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.erasures.parties import Party, Responsible
from handoff_bus.erasures.rules import CATEGORIES
from handoff_bus.erasures.tables import Erasure, ErasureConfirmation, ErasureReapplication


class ErasedHere(AnswerModel):
    """How many rows of one kind a service blanked or removed."""

    what: str
    rows: int


class Confirmation(AnswerModel):
    """A service's word that nothing is left there, and what it erased once more after it was restored from a copy."""

    service: str
    confirmed_at: datetime
    erased: list[ErasedHere]
    repeated_at: datetime | None
    erased_again: list[ErasedHere]


class ErasureView(AnswerModel):
    """The record of one erasure, with what an act of destruction has to say (Roskomnadzor order 179 of 28.10.2022).

    `operator`, `processors` (who worked on his behalf), `responsible`, `system`, `method` and `categories` are those of
    the day of the order; null and `system` "Conveyor" in records of releases that did not keep them.
    The subject is named by his id alone; `carried_out_by` ordered it. It is `done` when every service confirmed and the
    stream lost its messages (`purged_messages`); until then `waits_for` says who is missing.
    """

    id: UUID
    kind: Literal["lead", "contact", "employee"]
    subject_id: UUID
    lead_id: UUID | None
    categories: list[str]
    ground: str
    asked_by: str
    request_number: str | None
    operator: Party | None
    processors: list[Party]
    responsible: Responsible | None
    system: str = "Conveyor"
    method: str | None
    state: Literal["under_way", "done"]
    requested_at: datetime
    carried_out_by: str
    completed_at: datetime | None
    purged_messages: int | None
    reapplied_at: datetime | None
    confirmations: list[Confirmation]
    waits_for: list[str]


class ReapplicationView(AnswerModel):
    """All `erasures` were said again; it is `done` when every service has confirmed them and the stream was purged.

    `added` are records that the bus had lost and was given back.
    """

    id: UUID
    asked_at: datetime
    asked_by: str
    reason: str
    erasures: int
    added: int
    state: Literal["under_way", "done"]


def is_open() -> ColumnElement[bool]:
    """Erasures that are not done, or said again and not done again."""
    return or_(Erasure.completed_at.is_(None), Erasure.purged_again_at.is_distinct_from(Erasure.reapplied_at))


async def find_reapplication(session: AsyncSession, *, reapplication_id: UUID) -> ReapplicationView:
    """One repetition of all erasures. Raises NotFound."""
    row = await session.get(ErasureReapplication, reapplication_id)
    if row is None:
        raise NotFound
    return _reapplication(row, await _open_since(session))


async def list_reapplications(session: AsyncSession, *, page: PageRequest) -> Page[ReapplicationView]:
    """All of them, oldest first."""
    key = [ErasureReapplication.reapplication_id]
    rows, cursor = await page_of(session, select(ErasureReapplication), key=key, page=page)
    since = await _open_since(session)
    return Page[ReapplicationView](items=[_reapplication(row, since) for row in rows], next_cursor=cursor)


async def _open_since(session: AsyncSession) -> datetime | None:
    """Since when the repeated erasures wait that are not done again; the newest repetition counts for all."""
    return await session.scalar(select(func.min(Erasure.reapplied_at)).where(is_open()))


def _reapplication(row: ErasureReapplication, open_since: datetime | None) -> ReapplicationView:
    is_done = open_since is None or row.asked_at < open_since
    return ReapplicationView(
        id=row.reapplication_id,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        reason=row.reason,
        erasures=row.erasures,
        added=row.added,
        state="done" if is_done else "under_way",
    )


async def find_erasure(session: AsyncSession, *, erasure_id: UUID) -> ErasureView:
    """One erasure. Raises NotFound."""
    erasure = await session.get(Erasure, erasure_id)
    if erasure is None:
        raise NotFound
    return (await _views(session, [erasure]))[0]


async def list_erasures(session: AsyncSession, *, page: PageRequest) -> Page[ErasureView]:
    """All of them, oldest first."""
    rows, cursor = await page_of(session, select(Erasure), key=[Erasure.erasure_id], page=page)
    return Page[ErasureView](items=await _views(session, list(rows)), next_cursor=cursor)


async def _views(session: AsyncSession, erasures: list[Erasure]) -> list[ErasureView]:
    ids = [each.erasure_id for each in erasures]
    confirmed: dict[UUID, list[ErasureConfirmation]] = {each: [] for each in ids}
    statement = select(ErasureConfirmation).where(ErasureConfirmation.erasure_id.in_(ids))
    for row in await session.scalars(statement.order_by(ErasureConfirmation.service)):
        confirmed[row.erasure_id].append(row)
    return [_view(each, confirmed[each.erasure_id]) for each in erasures]


def _view(erasure: Erasure, confirmed: list[ErasureConfirmation]) -> ErasureView:
    there = {each.service for each in confirmed}
    missing = [service for service in SERVICES if service not in there]
    return ErasureView.model_validate(
        {
            "id": erasure.erasure_id,
            "kind": erasure.kind,
            "subject_id": erasure.subject_id,
            "lead_id": erasure.lead_id,
            "categories": erasure.categories or CATEGORIES[erasure.kind],
            **_act(erasure),
            "ground": erasure.ground,
            "asked_by": erasure.asked_by,
            "request_number": erasure.request_number,
            "state": "under_way" if erasure.completed_at is None else "done",
            "requested_at": erasure.requested_at,
            "carried_out_by": erasure.carried_out_by,
            "completed_at": erasure.completed_at,
            "purged_messages": erasure.purged_messages,
            "reapplied_at": erasure.reapplied_at,
            "confirmations": [
                {
                    "service": each.service,
                    "confirmed_at": each.confirmed_at,
                    "erased": each.erased,
                    "repeated_at": each.repeated_at,
                    "erased_again": each.erased_again or [],
                }
                for each in confirmed
            ],
            "waits_for": missing or (["stream"] if erasure.completed_at is None else []),
        }
    )


def _act(erasure: Erasure) -> dict[str, Any]:
    if erasure.operator_name is None:
        return {"operator": None, "processors": [], "responsible": None, "method": None}
    return {
        "operator": {"name": erasure.operator_name, "address": erasure.operator_address},
        "processors": erasure.processors,
        "responsible": {"full_name": erasure.responsible_name, "position": erasure.responsible_position},
        "system": erasure.system,
        "method": erasure.method,
    }
