"""Reads stored deliveries into letters, one for each event that a delivery speaks of, or says why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handoff_bus.deliveries.arrivals import kept_request
from handoff_bus.deliveries.letter import Letter
from handoff_bus.deliveries.tables import Delivery
from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.read import is_unproven_money, read_delivery, storable_words
from handoff_bus.sources.kinds.reading import Fetched
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.queries import settings_of
from handoff_bus.sources.tables import Source

AWAITS_FETCH = "awaits_fetch"


@dataclass(frozen=True, slots=True)
class NoLetters:
    """The state of a delivery that says nothing, or not yet."""

    state: str
    reason: str
    detail: str


def letters_of(delivery: Delivery, source: Source) -> list[Letter] | NoLetters:
    """What is left to say of this delivery: its events whose fact was not said yet."""
    kind = KINDS[source.kind]
    settings = settings_of(kind, source)
    fetched = _answers(delivery.fetched)
    try:
        reading = read_delivery(kind, kept_request(delivery, source.name), settings, fetched)
    except UnreadableDelivery as refused:
        where = storable_words(", ".join(error.pointer or "the body" for error in refused.errors[:5]))
        detail = f"It does not fit the schema of its source: {where}." if where else refused.detail
        return NoLetters("quarantined", "unreadable", detail)
    if reading.fetches and fetched is None:
        calls = ", ".join(plan.name for plan in reading.fetches)
        return NoLetters("received", AWAITS_FETCH, f"The source is asked for: {calls}.")
    if is_unproven_money(kind, settings, reading, is_fetched=fetched is not None):
        return NoLetters("quarantined", "unproven_money", "Neither a signature nor the source's API stands behind it.")
    if reading.silence is not None or not reading.events:
        silence = reading.silence
        reason, detail = (silence.reason, silence.detail) if silence else ("nothing_to_say", "It holds no event.")
        return NoLetters("published", reason, detail)
    said = {fact.get("part", 0) for fact in delivery.facts or ()}
    return [
        Letter(delivery.delivery_id, source.source_id, source.name, event, delivery.matched_lead_id, part)
        for part, event in enumerate(reading.events)
        if part not in said
    ]


def _answers(fetched: Mapping[str, Any] | None) -> Fetched | None:
    if fetched is None:
        return None
    return {name: None if answer is None else str(answer).encode() for name, answer in fetched.items()}
