"""Reads a notification of UIS, CoMagic or CallGear, as the template in `deploy/uis` lets it be written.

The customer types method, address and body in the cabinet: everything may come as text, an unknown variable as null,
as blank, or unreplaced as `{{name}}`.
"""

from datetime import datetime, timedelta

from handoff_bus.sources.kinds.reading import Reading
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import (
    Direction,
    LocalTimeSettings,
    body_key,
    finished_call,
    nobody,
    nothing,
)
from handoff_bus.sources.kinds.telephony.fields import Fields, form_of, json_of, local_instant, unreadable

_DIRECTIONS: dict[str, Direction] = {"in": "in", "out": "out", "internal": "internal"}
_LONGEST = timedelta(days=7)


def parse(request: RawRequest, settings: LocalTimeSettings) -> Reading:
    """The ended call in `call_finished`; nothing in other notifications. Raises UnreadableDelivery."""
    said = fields_of(request)
    topic = _value(said, "notification_mnemonic") or "unnamed"
    session = _value(said, "call_session_id")
    key = f"{session}:{topic}" if session else body_key(request.body or request.query.encode())
    if topic != "call_finished":
        return nothing(key, topic=topic, detail="A call is said by call_finished.")
    if session is None:
        unreadable(said.at("call_session_id"), "is required")
    direction = _DIRECTIONS.get(_value(said, "direction") or "")
    if direction is None:
        unreadable(said.at("direction"), "must be in or out")
    # After a transfer the call belongs to whoever talked last, not to whoever picked it up.
    extension = _value(said, "extension_phone_number")
    employee = _value(said, "last_talked_employee_id") or _value(said, "employee_id")
    if employee is None and extension is None:
        return nobody(key, topic=topic)
    event = finished_call(
        call_id=session,
        direction=direction,
        started_at=_started_at(said, settings),
        talk_seconds=_seconds(said, "talk_time_duration"),
        employee=(f"crm:{request.source}", employee) if employee else ("extension", extension or ""),
        number=_value(said, "contact_phone_number"),
        recording_url=_value(said, "recording_url"),
    )
    return Reading(key, (event,), topic=topic, content=None if request.body else _without_token(request.query))


def _without_token(query: str) -> bytes:
    """What a notification by GET says: its query, the token aside, which may have been changed since."""
    return "&".join(part for part in query.split("&") if not part.startswith("token=")).encode()


def fields_of(request: RawRequest) -> Fields:
    """The fields of the template: JSON, a form, or, sent by GET, the query."""
    if not request.body:
        return form_of(request.query.encode("utf-8", "surrogatepass"))
    if request.media_type == "application/x-www-form-urlencoded":
        return form_of(request.body)
    return json_of(request.body)


def _started_at(said: Fields, settings: LocalTimeSettings) -> datetime:
    """`start_time`, else what the end and the length give; both are local times of the cabinet."""
    start = _value(said, "start_time")
    if start is not None:
        return local_instant(start, settings.tz, pointer=said.at("start_time"))
    ended = local_instant(said.needed_text("notification_time"), settings.tz, pointer=said.at("notification_time"))
    length = timedelta(seconds=_seconds(said, "total_time_duration"))
    if length > _LONGEST:
        unreadable(said.at("total_time_duration"), "is longer than a week")
    try:
        return ended - length
    except OverflowError:
        unreadable(said.at("notification_time"), "must be a local date and time")


def _seconds(said: Fields, name: str) -> int:
    return 0 if _value(said, name) is None else said.needed_whole(name)


def _value(said: Fields, name: str) -> str | None:
    value = said.text(name)
    return None if value is None or value.lower() == "null" or value.startswith("{{") else value
