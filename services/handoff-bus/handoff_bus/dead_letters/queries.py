"""Reading the dead letters of all services."""

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.messages import DeadLetterState
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.messaging.connection import Connection
from conveyor.kit.messaging.publishing import NotNow
from conveyor.kit.messaging.reading_back import message_at
from conveyor.kit.refusals import NotFound
from handoff_bus.dead_letters.tables import AnnouncedDeadLetter


class AnnouncedDeadLetterView(AnswerModel):
    """A message that `service` gave up: fact `fact` of `said_by`. Replay or discard it at that service."""

    service: str
    message_id: UUID
    fact: str
    said_by: str
    key: str
    state: DeadLetterState
    attempts: int
    replays: int
    reason: str
    died_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    settled_reason: str | None


class DeadLetterWithPayload(AnnouncedDeadLetterView):
    """A dead letter with its body as the stream has it; without one, `payload_absence` says why.

    `erased`: the stream holds it no longer; `unreachable`: the broker is away. The service itself keeps a copy.
    """

    payload: str | None
    payload_absence: str | None


async def list_dead_letters(
    session: AsyncSession, *, service: str | None, state: DeadLetterState | None, fact: str | None, page: PageRequest
) -> Page[AnnouncedDeadLetterView]:
    """Dead letters of all services, oldest first."""
    statement = select(AnnouncedDeadLetter)
    if service is not None:
        statement = statement.where(AnnouncedDeadLetter.service == service)
    if state is not None:
        statement = statement.where(AnnouncedDeadLetter.state == state)
    if fact is not None:
        statement = statement.where(AnnouncedDeadLetter.fact == fact)
    key = [AnnouncedDeadLetter.died_at, AnnouncedDeadLetter.service, AnnouncedDeadLetter.message_id]
    letters, cursor = await page_of(session, statement, key=key, page=page)
    items = [AnnouncedDeadLetterView.model_validate(letter) for letter in letters]
    return Page[AnnouncedDeadLetterView](items=items, next_cursor=cursor)


async def find_dead_letter(session: AsyncSession, *, service: str, message_id: UUID) -> AnnouncedDeadLetter:
    """One of them. Raises NotFound."""
    letter = await session.get(AnnouncedDeadLetter, (service, message_id))
    if letter is None:
        raise NotFound
    return letter


async def with_payload(letter: AnnouncedDeadLetter, connection: Connection) -> DeadLetterWithPayload:
    """The letter with the message itself, read back from the stream."""
    payload, absence = None, None
    try:
        found = await message_at(connection, letter.stream_seq)
        payload = None if found is None or not _is(letter, found) else found.decode()
        absence = "erased" if payload is None else None
    except NotNow:
        absence = "unreachable"
    shown = AnnouncedDeadLetterView.model_validate(letter).model_dump()
    return DeadLetterWithPayload(**shown, payload=payload, payload_absence=absence)


def _is(letter: AnnouncedDeadLetter, body: bytes) -> bool:
    # A stream that was made anew counts from one again: another message may stand in this place.
    try:
        return bool(json.loads(body).get("id") == str(letter.message_id))
    except (ValueError, AttributeError):
        return False
