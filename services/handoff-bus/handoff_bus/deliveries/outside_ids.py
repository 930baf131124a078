"""Ids of calls, payments, refunds and replies: unique per source for good, whatever the webhook id."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.direct import Direct
from handoff_bus.deliveries.letter import Letter

Key = tuple[UUID, str, str]

_CLAIM = Direct("""
    INSERT INTO outside_facts (source_id, kind, outside_id, content_sha256, delivery_id)
    SELECT * FROM unnest(CAST(:sources AS uuid[]), CAST(:kinds AS text[]), CAST(:ids AS text[]),
        CAST(:contents AS bytea[]), CAST(:deliveries AS uuid[]))
    ON CONFLICT (source_id, kind, outside_id) DO NOTHING
    RETURNING source_id, kind, outside_id, content_sha256, delivery_id, event_id, lead_id
""")
_FIND = Direct("""
    SELECT source_id, kind, outside_id, content_sha256, delivery_id, event_id, lead_id FROM outside_facts
    JOIN unnest(CAST(:sources AS uuid[]), CAST(:kinds AS text[]), CAST(:ids AS text[]))
        AS wanted (source_id, kind, outside_id) USING (source_id, kind, outside_id)
""")
_SAID = Direct("""
    UPDATE outside_facts SET event_id = said.event_id, lead_id = said.lead_id
    FROM unnest(CAST(:sources AS uuid[]), CAST(:kinds AS text[]), CAST(:ids AS text[]),
        CAST(:events AS uuid[]), CAST(:leads AS uuid[])) AS said (source_id, kind, outside_id, event_id, lead_id)
    WHERE outside_facts.source_id = said.source_id AND outside_facts.kind = said.kind
        AND outside_facts.outside_id = said.outside_id
""")


@dataclass(frozen=True, slots=True)
class Holder:
    """The delivery whose content stands under an outside id; `event_id` is there once its fact was said."""

    content_sha256: bytes
    delivery_id: UUID
    event_id: UUID | None
    lead_id: UUID | None


def key_of(letter: Letter) -> Key | None:
    """The key of a letter that has an outside id."""
    return (letter.source_id, *letter.outside_id) if letter.outside_id else None


async def claim_outside_ids(session: AsyncSession, letters: Sequence[Letter]) -> dict[Key, Holder]:
    """Claim the ids of these letters; gives who holds each: the first delivery that ever named it."""
    keyed = [(key, letter) for letter in letters if (key := key_of(letter)) is not None]
    if not keyed:
        return {}
    names = _columns([key for key, _ in keyed])
    contents = [letter.content_sha256 for _, letter in keyed]
    deliveries = [letter.delivery_id for _, letter in keyed]
    holders = _holders(await _CLAIM.rows(session, **names, contents=contents, deliveries=deliveries))
    return holders if all(key in holders for key, _ in keyed) else await _find(session, names)


async def published_payments(session: AsyncSession, keys: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """The leads of those of these payments (source, payment id) whose fact was said."""
    if not keys:
        return {}
    found = await _find(session, _columns([(source, "payment", payment_id) for source, payment_id in keys]))
    return {
        (source, payment_id): holder.lead_id
        for (source, _, payment_id), holder in found.items()
        if holder.event_id is not None and holder.lead_id is not None
    }


async def note_said(session: AsyncSession, said: Sequence[tuple[Key, UUID, UUID | None]]) -> None:
    """The facts under these ids were said: (key, event id, lead id)."""
    if said:
        names = _columns([key for key, _, _ in said])
        events = {"events": [event for _, event, _ in said], "leads": [lead for _, _, lead in said]}
        await _SAID.rows(session, **names, **events)


async def _find(session: AsyncSession, names: dict[str, list[object]]) -> dict[Key, Holder]:
    return _holders(await _FIND.rows(session, **names))


def _holders(rows: Iterable[Any]) -> dict[Key, Holder]:
    return {(row[0], row[1], row[2]): Holder(*row[3:]) for row in rows}


def _columns(keys: Sequence[Key]) -> dict[str, list[object]]:
    return {
        "sources": [source for source, _, _ in keys],
        "kinds": [kind for _, kind, _ in keys],
        "ids": [outside_id for _, _, outside_id in keys],
    }
