"""Reads a Bitrix24 event.

The birth of a lead or a deal is a thin event (an id and no more), so the portal is asked about it; the end of a call is
said whole. ONCRMDEALUPDATE fires on any field and stages have no words in the bus.
"""

from typing import Any

from handoff_bus.sources.formats.events import code, contact, event_of, hashed
from handoff_bus.sources.formats.instants import from_iso
from handoff_bus.sources.formats.trees import Tree, at, items_of, json_of, text_at, tree_of, unreadable
from handoff_bus.sources.kinds.bitrix24.settings import Bitrix24Settings
from handoff_bus.sources.kinds.inbound import crm_reference, inbound_lead
from handoff_bus.sources.kinds.kind import BadSignature
from handoff_bus.sources.kinds.reading import Fetched, FetchPlan, Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OutsideEvent

BIRTHS = {"ONCRMLEADADD": "lead", "ONCRMDEALADD": "deal"}
CALL_END = "ONVOXIMPLANTCALLEND"
DIRECTIONS = {"1": "out", "2": "in", "3": "in", "4": "out"}
"""CALL_TYPE: outgoing, incoming, incoming and forwarded, call back."""
TALKED = "200"


def parse(request: RawRequest, settings: Bitrix24Settings) -> Reading:
    """The call, the question to ask the portal, or why nothing. Raises UnreadableDelivery."""
    tree = tree_of(request.body)
    topic = text_at(tree, "event").upper()
    if not topic:
        raise unreadable("/event", "is missing")
    member = text_at(tree, "auth", "member_id")
    if settings.member_id is not None and member != settings.member_id:
        raise unreadable("/auth/member_id", "is another portal than the source's")
    if topic == CALL_END:
        call = at(tree, "data")
        return Reading(hashed(topic, member, text_at(call, "CALL_ID")), (_call(call, request),), topic=topic)
    thing = text_at(tree, "data", "FIELDS", "ID")
    key = hashed(topic, member, thing, text_at(tree, "ts"))
    born = BIRTHS.get(topic)
    if born is None or born not in settings.inbound:
        return Reading(key, silence=Silence("nothing_to_say", f"{topic} has no words in the bus."), topic=topic)
    if not (thing.isascii() and thing.isdigit()):
        raise unreadable("/data/FIELDS/ID", "must be a number")
    if settings.api_url is None:
        return Reading(key, silence=Silence("thin_event", f"It names {born} {thing}; set api_url."), topic=topic)
    plan = FetchPlan(f"{born}:{thing}", f"{settings.api_url.get_secret_value().rstrip('/')}/crm.{born}.get?id={thing}")
    return Reading(key, fetches=(plan,), topic=topic)


def complete(request: RawRequest, settings: Bitrix24Settings, fetched: Fetched) -> Reading:
    """The lead that the portal told of. Raises UnreadableDelivery."""
    thin = parse(request, settings)
    if not thin.fetches:
        return thin
    name = thin.fetches[0].name
    answer = fetched.get(name)
    found = at(json_of(answer), "result") if answer is not None else None
    if not isinstance(found, dict) or not found:
        return Reading(thin.dedupe_key, silence=Silence("gone_at_source", f"{name} is not there."), topic=thin.topic)
    return Reading(thin.dedupe_key, (_lead(name, found, request, settings),), topic=thin.topic)


def _lead(name: str, found: Tree, request: RawRequest, settings: Bitrix24Settings) -> OutsideEvent:
    person = contact(
        name=" ".join(part for field in ("NAME", "LAST_NAME") if (part := text_at(found, field))),
        phones=_values(found.get("PHONE")),
        emails=_values(found.get("EMAIL")),
        position=text_at(found, "POST"),
    )
    born, _, number = name.partition(":")
    return inbound_lead(
        request,
        settings,
        # Leads and deals are numbered apart.
        lead=number if born == "lead" else name,
        asked_at=from_iso(text_at(found, "DATE_CREATE")),
        company=text_at(found, "COMPANY_TITLE") or text_at(found, "TITLE"),
        contacts=[person],
        campaign=text_at(found, "UTM_CAMPAIGN"),
        more={"city": text_at(found, "ADDRESS_CITY")[:500] or None},
    )


def _values(field: Any) -> list[str]:  # noqa: ANN401 - any part of a tree
    return [text_at(value, "VALUE") for value in items_of(field)]


def _call(call: Any, request: RawRequest) -> OutsideEvent:  # noqa: ANN401 - any part of a tree
    started_at = from_iso(text_at(call, "CALL_START_DATE"))
    direction = DIRECTIONS.get(text_at(call, "CALL_TYPE"))
    seconds = text_at(call, "CALL_DURATION")
    if started_at is None:
        raise unreadable("/data/CALL_START_DATE", "must be ISO 8601 with an offset")
    if direction is None:
        raise unreadable("/data/CALL_TYPE", "must be 1 to 4")
    if not (seconds.isascii() and seconds.isdigit()) or len(seconds) > 6:
        raise unreadable("/data/CALL_DURATION", "must be whole seconds")
    return event_of(
        "call.finished",
        started_at,
        {
            "call_id": code(text_at(call, "CALL_ID")),
            "direction": direction,
            "started_at": started_at,
            "duration_seconds": int(seconds) if text_at(call, "CALL_FAILED_CODE") == TALKED else 0,
            "employee": crm_reference(request, text_at(call, "PORTAL_USER_ID")),
            "lead": {"system": "phone", "value": text_at(call, "PHONE_NUMBER")},
        },
    )


def application_token(body: bytes) -> str:
    """The token that a delivery carries. Raises BadSignature where there is none to read."""
    token = text_at(tree_of(body), "auth", "application_token")
    if not token:
        raise BadSignature
    return token
