"""Reads a Pipedrive delivery `{meta, data, previous}`: a new lead (or deal, by the settings) is an inbound lead.

`previous` holds only what changed, `meta.timestamp` is ISO 8601 or unix seconds, `meta.id` a number or a UUID, and
`meta.attempt` grows when a delivery is repeated.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from handoff_bus.sources.formats.events import hashed
from handoff_bus.sources.formats.instants import from_iso, from_unix
from handoff_bus.sources.formats.trees import at, canonical, json_of, text_at, unreadable
from handoff_bus.sources.kinds.inbound import InboundSettings, inbound_lead
from handoff_bus.sources.kinds.reading import Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest

BIRTHS = frozenset({"create", "added", "add"})


class PipedriveSettings(InboundSettings):
    """`inbound` says whose birth is an inbound lead; `company_id` is compared with what deliveries name."""

    company_id: int | None = None
    inbound: Annotated[tuple[Literal["lead", "deal"], ...], Field(max_length=2)] = ("lead",)


def parse(request: RawRequest, settings: PipedriveSettings) -> Reading:
    """The inbound lead, or why nothing. Raises UnreadableDelivery."""
    body = json_of(request.body)
    meta, data = at(body, "meta"), at(body, "data")
    entity, action = text_at(meta, "entity"), text_at(meta, "action")
    if not isinstance(meta, dict) or not entity or not action:
        raise unreadable("/meta", "must name entity and action")
    if settings.company_id is not None and text_at(meta, "company_id") != str(settings.company_id):
        raise unreadable("/meta/company_id", "is another company than the source's")
    key = hashed(text_at(meta, "webhook_id"), text_at(meta, "id"), entity, action, text_at(meta, "timestamp"))
    content = canonical({**body, "meta": {**meta, "attempt": 0}})
    topic = f"{entity}.{action}"
    if action not in BIRTHS or entity not in settings.inbound:
        silence = Silence("nothing_to_say", f"{topic[:200]} has no words in the bus.")
        return Reading(key, silence=silence, topic=topic, content=content)
    lead = text_at(meta, "entity_id") or text_at(data, "id")
    if not lead:
        raise unreadable("/meta/entity_id", "is missing")
    event = inbound_lead(
        request,
        settings,
        # Leads and deals are numbered apart.
        lead=lead if entity == "lead" else f"deal:{lead}",
        asked_at=_moment(at(data, "add_time")) or _moment(at(meta, "timestamp")),
        company=text_at(data, "title"),
    )
    return Reading(key, (event,), topic=topic, content=content)


def _moment(found: Any) -> datetime | None:  # noqa: ANN401 - any JSON
    text = text_at({"": found}, "")
    return from_unix(text) or from_iso(text)
