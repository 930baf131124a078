"""Reading write-backs: their settings, their log, and what a writer needs to know of a lead."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.employees.tables import NamedEmployee
from handoff_bus.references.tables import ClaimedReference
from handoff_bus.sources.queries import find_source
from handoff_bus.write_backs.rules import Moved, WriteState
from handoff_bus.write_backs.tables import LineFact, WriteBack, WriteBackAttempt, WriteBackSettings


class WriteBackSettingsView(AnswerModel):
    """How a CRM is written to, without credentials; `changed_at` is null where nobody ever said how."""

    source_id: UUID
    enabled: bool
    settings: dict[str, Any]
    changed_at: datetime | None


class WriteBackView(AnswerModel):
    """A lead in a CRM. `due` is to be written at `next_at`, `failed` waits for a person or for the lead's next move.

    `written` is what the CRM took last; `unnamed_owner_id` an owner whom no employee reference names there.
    """

    id: UUID
    lead_id: UUID
    source_id: UUID
    state: WriteState
    reason: str | None
    attempts: int
    next_at: datetime | None
    written: dict[str, Any]
    unnamed_owner_id: UUID | None


class WriteAttemptView(AnswerModel):
    """One call: what was to be written into which thing, and what came of it."""

    at: datetime
    thing: str
    fields: dict[str, Any]
    outcome: str
    detail: str | None
    took_ms: int


class WriteBackDetail(WriteBackView):
    """A write-back with every call of the last thirty days, oldest first."""

    log: list[WriteAttemptView]


def settings_view(settings: WriteBackSettings) -> WriteBackSettingsView:
    """The answer for the settings of one source."""
    return WriteBackSettingsView.model_validate(settings)


def view_of(write_back: WriteBack) -> WriteBackView:
    """The answer for one write-back."""
    names = [name for name in WriteBackView.model_fields if name != "id"]
    return WriteBackView.model_validate(
        {"id": write_back.write_back_id, **{name: getattr(write_back, name) for name in names}}
    )


async def find_settings(session: AsyncSession, *, source_id: UUID) -> WriteBackSettingsView:
    """The settings of one source. Raises NotFound for an unknown source."""
    found = await session.get(WriteBackSettings, source_id)
    if found is not None:
        return settings_view(found)
    await find_source(session, source_id=source_id)
    return WriteBackSettingsView(source_id=source_id, enabled=False, settings={}, changed_at=None)


async def find_write_back(session: AsyncSession, *, write_back_id: UUID) -> WriteBackDetail:
    """One write-back with its log. Raises NotFound."""
    found = await session.get(WriteBack, write_back_id)
    if found is None:
        raise NotFound
    attempts = await session.scalars(
        select(WriteBackAttempt)
        .where(WriteBackAttempt.write_back_id == write_back_id)
        .order_by(WriteBackAttempt.attempt_id)
    )
    log = [WriteAttemptView.model_validate(attempt) for attempt in attempts]
    return WriteBackDetail(**view_of(found).model_dump(), log=log)


async def list_write_backs(
    session: AsyncSession,
    *,
    source_id: UUID | None,
    state: WriteState | None,
    lead_id: UUID | None,
    page: PageRequest,
) -> Page[WriteBackView]:
    """Write-backs, by id."""
    statement = select(WriteBack)
    if source_id is not None:
        statement = statement.where(WriteBack.source_id == source_id)
    if state is not None:
        statement = statement.where(WriteBack.state == state)
    if lead_id is not None:
        statement = statement.where(WriteBack.lead_id == lead_id)
    found, cursor = await page_of(session, statement, key=[WriteBack.write_back_id], page=page)
    return Page[WriteBackView](items=[view_of(each) for each in found], next_cursor=cursor)


async def moves_of(session: AsyncSession, *, lead_id: UUID) -> Sequence[Moved]:
    """Everything that moved this lead."""
    columns = [getattr(LineFact, field.name) for field in fields(Moved)]
    rows = await session.execute(select(*columns).where(LineFact.lead_id == lead_id))
    return [Moved(*row) for row in rows]


async def thing_of(session: AsyncSession, *, lead_id: UUID, source: str) -> str | None:
    """The name of the lead in this source's CRM; the one it got last if there are several."""
    return await session.scalar(
        select(ClaimedReference.value)
        .where(
            ClaimedReference.lead_id == lead_id,
            ClaimedReference.system == f"crm:{source}",
            ClaimedReference.state == "active",
        )
        .order_by(ClaimedReference.reference_id.desc())
        .limit(1)
    )


async def user_of(session: AsyncSession, *, employee_id: UUID, source: str) -> str | None:
    """The employee's user id in this source's CRM."""
    return await session.scalar(
        select(NamedEmployee.value)
        .where(NamedEmployee.employee_id == employee_id, NamedEmployee.system == f"crm:{source}")
        .order_by(NamedEmployee.value)
        .limit(1)
    )


async def is_written_to(session: AsyncSession, *, lead_id: UUID, source_id: UUID) -> bool:
    """Whether the bus may have written to this lead in the CRM of this source."""
    found = await session.scalar(
        select(WriteBack.sent_at).where(WriteBack.lead_id == lead_id, WriteBack.source_id == source_id)
    )
    return found is not None
