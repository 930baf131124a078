"""Reading what failed or waits in a service."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from conveyor.contracts.messages import DeadLetterState
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.messaging.tables import DeadLetter, OutboxDeadRow, ParkedFact, QuarantinedMessage
from conveyor.kit.operations import dead_letters, unpublishable
from conveyor.kit.operations.tables import IntakeCheck
from conveyor.kit.operations.views import (
    BODY_CHARS_MAX,
    DeadLetterDetail,
    DeadLetterView,
    GapView,
    ParkedView,
    QuarantinedView,
    UnpublishableDetail,
    UnpublishableView,
)
from conveyor.kit.refusals import NotFound


async def list_dead_letters(
    session: AsyncSession, *, state: DeadLetterState | None, page: PageRequest
) -> Page[DeadLetterView]:
    """Dead letters, oldest first."""
    statement = select(DeadLetter)
    if state is not None:
        statement = statement.where(DeadLetter.settled.is_(None) if state == "open" else DeadLetter.settled == state)
    letters, cursor = await page_of(session, statement, key=[DeadLetter.died_at, DeadLetter.event_id], page=page)
    return Page[DeadLetterView](items=[dead_letters.view_of(letter) for letter in letters], next_cursor=cursor)


async def find_dead_letter(session: AsyncSession, *, event_id: UUID) -> DeadLetterDetail:
    """One dead letter with its body. Raises NotFound."""
    letter = await session.get(DeadLetter, event_id)
    if letter is None:
        raise NotFound
    return dead_letters.detail_of(letter)


async def list_unpublishable(session: AsyncSession, *, page: PageRequest) -> Page[UnpublishableView]:
    """Facts that can never be published, in the order in which they were said; the discarded ones too."""
    rows, cursor = await page_of(session, select(OutboxDeadRow), key=[OutboxDeadRow.id], page=page)
    views = [await unpublishable.view_of(session, row) for row in rows]
    return Page[UnpublishableView](items=views, next_cursor=cursor)


async def find_unpublishable(session: AsyncSession, *, event_id: UUID) -> UnpublishableDetail:
    """One such fact with its body. Raises NotFound."""
    row = await session.scalar(select(OutboxDeadRow).where(OutboxDeadRow.event_id == event_id))
    if row is None:
        raise NotFound
    return await unpublishable.detail_of(session, row)


async def list_parked(session: AsyncSession, *, thing: str | None, page: PageRequest) -> Page[ParkedView]:
    """Facts that wait for something, the longest waiting first."""
    statement = select(ParkedFact)
    if thing is not None:
        statement = statement.where(ParkedFact.thing == thing)
    facts, cursor = await page_of(session, statement, key=[ParkedFact.parked_at, ParkedFact.event_id], page=page)
    return Page[ParkedView](items=[_parked(fact) for fact in facts], next_cursor=cursor)


def _parked(fact: ParkedFact) -> ParkedView:
    return ParkedView(
        event_id=fact.event_id,
        subject=fact.subject,
        key=fact.subject.rpartition(".")[2],
        thing=fact.thing,
        awaited=fact.key,
        parked_at=fact.parked_at,
        due_at=fact.due_at,
        attempts=fact.attempts,
    )


async def list_quarantined(
    session: AsyncSession, *, state: DeadLetterState | None, page: PageRequest
) -> Page[QuarantinedView]:
    """Messages that were not applied, in the order of the stream."""
    message = QuarantinedMessage
    # A body may be large: only what is shown is read.
    statement: Select[Any] = select(
        message,
        func.octet_length(message.body).label("body_bytes"),
        func.substr(message.body, 1, 4 * BODY_CHARS_MAX).label("beginning"),
    ).options(defer(message.body))
    if state is not None:
        statement = statement.where(message.settled.is_(None) if state == "open" else message.settled == state)
    rows, cursor = await page_of(session, statement, key=[message.stream_seq, message.body_sha256], page=page)
    views = [QuarantinedView.of(row[0], body_bytes=row.body_bytes, body=row.beginning) for row in rows]
    return Page[QuarantinedView](items=views, next_cursor=cursor)


async def list_gaps(session: AsyncSession, *, page: PageRequest) -> Page[GapView]:
    """Lists of which something never came, in the order of their stretches."""
    statement = select(IntakeCheck).where(IntakeCheck.missing > 0)
    checks, cursor = await page_of(session, statement, key=[IntakeCheck.from_at, IntakeCheck.list_id], page=page)
    return Page[GapView](items=[GapView.model_validate(check) for check in checks], next_cursor=cursor)
