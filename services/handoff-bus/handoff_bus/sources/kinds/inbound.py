"""Inbound leads as CRMs send them: what the settings say about them, and the event they become."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from conveyor.contracts.values import Text
from handoff_bus.sources.formats.events import event_of, words
from handoff_bus.sources.kinds.kind import SourceSettings
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OutsideEvent


class InboundSettings(SourceSettings):
    """`channel` and `mechanics` of the leads that come from this CRM."""

    channel: Text = "crm"
    mechanics: Literal["cold", "warm"] = "warm"
    segment: Text | None = None


def crm_reference(request: RawRequest, value: str) -> dict[str, str]:
    """A thing or a person by its id in this CRM."""
    return {"system": f"crm:{request.source}", "value": value}


def inbound_lead(
    request: RawRequest,
    settings: InboundSettings,
    *,
    lead: str,
    asked_at: datetime | None,
    company: str,
    contacts: Iterable[dict[str, Any]] = (),
    campaign: str = "",
    more: dict[str, str | None] | None = None,
) -> OutsideEvent:
    """`lead.received`; `more` is known of the company. Without `asked_at` it is the moment of arrival."""
    people = [person for person in contacts if person]
    named = words(company) or (people[0]["name"] if people else None) or f"{request.source} {lead}"
    known = {field: value for field, value in (more or {}).items() if value}
    return event_of(
        "lead.received",
        asked_at or request.at,
        {
            "lead": crm_reference(request, lead),
            "company": {"name": named, **known},
            "contacts": people[:100],
            "channel": settings.channel,
            "campaign": words(campaign),
            "mechanics": settings.mechanics,
            "segment": settings.segment,
        },
    )
