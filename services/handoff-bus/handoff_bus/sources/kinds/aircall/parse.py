"""Reads what Aircall says: `call.ended` ends a call, some 30 seconds after somebody hung up.

`duration` includes ringing: talk is `ended_at - answered_at`. Of media only `asset` is kept: its address stays, while
that of the recording itself is signed anew each time and expires.
"""

from handoff_bus.sources.kinds.kind import SourceSettings
from handoff_bus.sources.kinds.reading import Reading
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import Direction, body_key, finished_call, nobody, nothing
from handoff_bus.sources.kinds.telephony.fields import Fields, json_of, unix_instant, unreadable

_DIRECTIONS: dict[str, Direction] = {"inbound": "in", "outbound": "out"}


def parse(request: RawRequest, _: SourceSettings) -> Reading:
    """The ended call; nothing in events on the way to it or about it. Raises UnreadableDelivery."""
    said = json_of(request.body)
    topic = said.needed_text("event")
    if said.text("resource") != "call":
        return nothing(body_key(request.body), topic=topic, detail="Only calls are read.")
    call = said.inner("data")
    call_id = call.needed_text("id")
    if topic != "call.ended":
        key = f"{call_id}:{topic}:{said.text('timestamp') or ''}"
        return nothing(key, topic=topic, detail="A call is said by call.ended.")
    key = f"{call_id}:{topic}"
    direction = _DIRECTIONS.get(call.needed_text("direction"))
    if direction is None:
        unreadable(call.at("direction"), "must be inbound or outbound")
    started_at = unix_instant(call.needed_whole("started_at"), pointer=call.at("started_at"))
    ended, answered = call.needed_whole("ended_at"), call.whole("answered_at")
    employee = _employee(call, source=request.source)
    if employee is None:
        return nobody(key, topic=topic)
    event = finished_call(
        call_id=call_id,
        direction=direction,
        started_at=started_at,
        talk_seconds=0 if answered is None else ended - answered,
        employee=employee,
        number=call.text("raw_digits"),
        recording_url=call.text("asset"),
    )
    return Reading(key, (event,), topic=topic)


def _employee(call: Fields, *, source: str) -> tuple[str, str] | None:
    """Whoever talked last: the one it was transferred to, else the one who took or made it."""
    for name in ("transferred_to", "user"):
        user = call.inner(name)
        email, user_id = user.text("email"), user.text("id")
        if email is not None:
            return "email", email
        if user_id is not None:
            return f"crm:{source}", user_id
    return None
