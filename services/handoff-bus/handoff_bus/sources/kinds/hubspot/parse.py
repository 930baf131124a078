"""Reads an array of HubSpot events: a new contact is an inbound lead, once HubSpot was asked who it is.

Changes of properties and everything about deals and companies have no words in the bus: even an amount is not in the
event. `eventId` alone is not unique, and `attemptNumber` grows when a delivery is repeated.
"""

from typing import Any

from handoff_bus.sources.formats.events import contact, hashed
from handoff_bus.sources.formats.instants import from_iso, from_unix
from handoff_bus.sources.formats.trees import Tree, at, canonical, json_of, text_at, unreadable
from handoff_bus.sources.kinds.hubspot.settings import HubspotSettings
from handoff_bus.sources.kinds.inbound import inbound_lead
from handoff_bus.sources.kinds.reading import Fetched, FetchPlan, Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OutsideEvent

EVENTS_MAX = 500
BIRTH = frozenset({"contact.creation", "object.creation"})
CONTACT_TYPE = "0-1"
PROPERTIES = "firstname,lastname,company,phone,mobilephone,email,jobtitle,city,website,createdate"


def parse(request: RawRequest, settings: HubspotSettings) -> Reading:
    """The contacts to ask about, or why nothing. Raises UnreadableDelivery."""
    events = _events(request, settings)
    key = hashed(*(text_at(event, field) for event in events for field in ("portalId", "subscriptionId", "eventId")))
    content = canonical([{**event, "attemptNumber": 0} for event in events])
    topic = ",".join(sorted({_topic(event) for event in events}))
    born = dict.fromkeys(text_at(event, "objectId") for event in events if _is_birth(event))
    if not born:
        silence = Silence("nothing_to_say", f"{topic[:200]} has no words in the bus.")
        return Reading(key, silence=silence, topic=topic, content=content)
    if settings.api_token is None:
        silence = Silence("thin_event", "It names new contacts by their ids; set api_token.")
        return Reading(key, silence=silence, topic=topic, content=content)
    headers = {"authorization": f"Bearer {settings.api_token.get_secret_value()}"}
    place = f"{settings.api_url.rstrip('/')}/crm/v3/objects/contacts"
    plans = tuple(
        FetchPlan(f"contact:{number}", f"{place}/{number}?properties={PROPERTIES}", headers=headers) for number in born
    )
    return Reading(key, fetches=plans, topic=topic, content=content)


def complete(request: RawRequest, settings: HubspotSettings, fetched: Fetched) -> Reading:
    """The contacts that HubSpot told of. Raises UnreadableDelivery."""
    thin = parse(request, settings)
    found = {plan.name: fetched.get(plan.name) for plan in thin.fetches}
    events = tuple(
        _lead(name.partition(":")[2], json_of(answer), request, settings)
        for name, answer in found.items()
        if answer is not None
    )
    if not thin.fetches or events:
        return Reading(thin.dedupe_key, events, thin.silence, topic=thin.topic, content=thin.content)
    silence = Silence("gone_at_source", "None of the contacts is there.")
    return Reading(thin.dedupe_key, silence=silence, topic=thin.topic, content=thin.content)


def _events(request: RawRequest, settings: HubspotSettings) -> list[Tree]:
    events = json_of(request.body)
    if not isinstance(events, list) or not 0 < len(events) <= EVENTS_MAX:
        raise unreadable("", "must be an array of events")
    for number, event in enumerate(events):
        where = f"/{number}"
        if not isinstance(event, dict) or not _topic(event):
            raise unreadable(where, "must be an event with its subscriptionType")
        if settings.portal_id is not None and text_at(event, "portalId") != str(settings.portal_id):
            raise unreadable(where, "is of another portal than the source's")
        if _is_birth(event) and not _is_number(text_at(event, "objectId")):
            raise unreadable(where, "must name its object")
    return events


def _topic(event: Any) -> str:  # noqa: ANN401 - any part of a tree
    return text_at(event, "subscriptionType") or text_at(event, "eventType")


def _is_birth(event: Tree) -> bool:
    if _topic(event) not in BIRTH:
        return False
    return _topic(event) == "contact.creation" or text_at(event, "objectTypeId") == CONTACT_TYPE


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20


def _lead(number: str, found: Any, request: RawRequest, settings: HubspotSettings) -> OutsideEvent:  # noqa: ANN401 - any JSON
    told = at(found, "properties")
    created = text_at(told, "createdate")
    person = contact(
        name=" ".join(part for field in ("firstname", "lastname") if (part := text_at(told, field))),
        phones=[text_at(told, "phone"), text_at(told, "mobilephone")],
        emails=[text_at(told, "email")],
        position=text_at(told, "jobtitle"),
    )
    return inbound_lead(
        request,
        settings,
        lead=number,
        asked_at=from_iso(created) or from_unix(created, per_second=1000),
        company=text_at(told, "company"),
        contacts=[person],
        more={"city": text_at(told, "city")[:500], "website": text_at(told, "website")[:500]},
    )
