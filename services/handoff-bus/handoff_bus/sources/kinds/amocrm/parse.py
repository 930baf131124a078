"""Reads an amoCRM delivery: new leads become inbound leads, notes about calls become calls.

One POST may carry several entities, actions and items. Values are text; a whole entity may be JSON in a string, and so
is the text of a note about a call. Stages, tasks, responsible users and companies have no words in the bus.
"""

from collections.abc import Iterator
from typing import Any

from handoff_bus.sources.formats.events import code, event_of, hashed
from handoff_bus.sources.formats.instants import from_unix
from handoff_bus.sources.formats.trees import Tree, at, items_of, json_of, text_at, tree_of, unreadable
from handoff_bus.sources.kinds.amocrm.settings import AmocrmSettings
from handoff_bus.sources.kinds.inbound import crm_reference, inbound_lead
from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.reading import Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OutsideEvent

ENTITIES = frozenset({"leads", "contacts", "companies", "customers", "task", "unsorted", "message", "talk", "catalogs"})
CALL_NOTES = {"10": "in", "11": "out"}
LEAD_ELEMENT = "2"
NOT_TALKED = frozenset({"6", "7"})
"""`call_status` of a call that nobody took, or of a busy line."""
THIN_WINDOW_SECONDS = 3600

Item = tuple[str, str, Tree]
"""Entity, action and what is said about it."""


def parse(request: RawRequest, settings: AmocrmSettings) -> Reading:
    """The events in a delivery. Raises UnreadableDelivery."""
    tree = tree_of(request.body)
    account = _unpacked(tree.get("account"))
    _check_account(account, settings)
    items = list(_items(tree))
    if not items:
        raise unreadable("", "must name an entity of amoCRM")
    key = hashed(text_at(account, "id"), *(part for item in items for part in _identity(item, request)))
    events = tuple(event for item in items if (event := _event(item, request, settings)) is not None)
    topic = ",".join(sorted({f"{entity}.{action}" for entity, action, _ in items}))
    silence = None if events else Silence("nothing_to_say", f"{topic} has no words in the bus.")
    return Reading(key, events, silence, topic=topic)


def _items(tree: Tree) -> Iterator[Item]:
    for entity, actions in tree.items():
        actions = _unpacked(actions)  # noqa: PLW2901 - the same thing, unpacked
        if entity not in ENTITIES or not isinstance(actions, dict):
            continue
        for action, found in actions.items():
            for item in items_of(_unpacked(found)):
                if isinstance(item, dict):
                    yield entity, str(action), item


def _unpacked(node: Any) -> Any:  # noqa: ANN401 - any part of a tree
    if isinstance(node, str) and node[:1] in {"{", "["}:
        try:
            return json_of(node.encode("utf-8", "replace"))
        except UnreadableDelivery:
            return node
    return node


def _check_account(account: Any, settings: AmocrmSettings) -> None:  # noqa: ANN401 - any part of a tree
    for field, wanted in (("id", settings.account_id), ("subdomain", settings.subdomain)):
        named = text_at(account, field)
        if wanted and named and named != wanted:
            where = f"/account/{field}"
            raise unreadable(where, "is another account than the source's")


def _identity(item: Item, request: RawRequest) -> list[str]:
    entity, action, body = item
    body = body.get("note", body) if action == "note" and isinstance(body.get("note", body), dict) else body
    changed = text_at(body, "updated_at") or text_at(body, "last_modified")
    parts = [entity, action, text_at(body, "id") or text_at(body, "uid"), changed]
    parts += [text_at(body, "status_id"), text_at(body, "pipeline_id")]
    if not changed:
        # The thin form of a stage trigger says neither when nor what else: alike within the hour is the same.
        window = int(request.at.timestamp()) // THIN_WINDOW_SECONDS
        parts += [text_at(body, "old_status_id"), str(window)]
    return parts


def _event(item: Item, request: RawRequest, settings: AmocrmSettings) -> OutsideEvent | None:
    match item:
        case ("leads", "add", body):
            return _lead(body, request, settings)
        case (_, "note", body):
            note = _unpacked(body.get("note", body))
            return _call(note, request) if text_at(note, "note_type") in CALL_NOTES else None
        case _:
            return None


def _lead(body: Tree, request: RawRequest, settings: AmocrmSettings) -> OutsideEvent | None:
    lead = text_at(body, "id")
    if not lead:
        raise unreadable("/leads/add/0/id", "is missing")
    if settings.pipeline_ids and text_at(body, "pipeline_id") not in settings.pipeline_ids:
        return None
    # `date_create` is a unix time in leads, but local text without an offset in tasks and notes.
    asked_at = from_unix(text_at(body, "created_at")) or from_unix(text_at(body, "date_create"))
    return inbound_lead(request, settings, lead=lead, asked_at=asked_at, company=text_at(body, "name"))


def _call(note: Tree, request: RawRequest) -> OutsideEvent:
    told = _unpacked(note.get("text"))
    told = {name.lower(): value for name, value in told.items()} if isinstance(told, dict) else {}
    seconds = text_at(told, "duration")
    phone, element = text_at(told, "phone"), text_at(note, "element_id")
    is_lead = text_at(note, "element_type") == LEAD_ELEMENT and element
    started_at = from_unix(text_at(note, "created_at"))
    if started_at is None:
        raise unreadable("/leads/note/0/note/created_at", "must be seconds since 1970")
    talked = seconds.isascii() and seconds.isdigit() and len(seconds) < 7
    return event_of(
        "call.finished",
        started_at,
        {
            "call_id": code(text_at(told, "uniq") or f"note:{text_at(note, 'id')}"),
            "direction": CALL_NOTES[text_at(note, "note_type")],
            "started_at": started_at,
            "duration_seconds": int(seconds) if talked and text_at(told, "call_status") not in NOT_TALKED else 0,
            "employee": crm_reference(request, text_at(note, "created_by") or text_at(note, "main_user_id")),
            "lead": crm_reference(request, element) if is_lead else {"system": "phone", "value": phone},
            "recording_url": _url(at(told, "link")),
        },
    )


def _url(link: Any) -> str | None:  # noqa: ANN401 - any part of a tree
    return link if isinstance(link, str) and link.startswith(("https://", "http://")) and len(link) <= 500 else None
