"""Reads what Mango Office says (VPBX API 1.10). Only the summary ends a call; it comes once for each `entry_id`.

Numbers are integers in a summary and text elsewhere. Talk is `end_time - talk_time`; a summary may call itself
successful with `talk_time` 0 (the caller heard the menu only).
"""

from handoff_bus.sources.kinds.kind import SourceSettings
from handoff_bus.sources.kinds.reading import Reading
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import Direction, body_key, finished_call, nobody, nothing
from handoff_bus.sources.kinds.telephony.fields import Fields, form_of, json_of, unix_instant, unreadable

_DIRECTIONS: dict[int, Direction] = {0: "internal", 1: "in", 2: "out"}


def parse(request: RawRequest, _: SourceSettings) -> Reading:
    """The ended call in a summary; nothing in the events on its way there. Raises UnreadableDelivery."""
    said = json_of(form_of(request.body).needed_text("json"), pointer="/json")
    if "entry_result" in said or "call_direction" in said:
        return _summary(said)
    for topic, name in (("call", "call_id"), ("recording", "recording_id")):
        if f"{topic}_state" in said:
            key = f"{topic}:{said.needed_text(name)}:{said.text('seq') or said.text('timestamp') or ''}"
            return nothing(key, topic=topic, detail="A call is said by its summary.")
    return nothing(body_key(request.body), topic="other", detail="Only summaries of calls are read.")


def _summary(said: Fields) -> Reading:
    entry_id = said.needed_text("entry_id")
    key = f"summary:{entry_id}"
    direction = _DIRECTIONS.get(said.needed_whole("call_direction"))
    if direction is None:
        unreadable(said.at("call_direction"), "must be 0, 1 or 2")
    caller, called = said.inner("from"), said.inner("to")
    ours, theirs = (called, caller) if direction == "in" else (caller, called)
    extension = ours.text("extension")
    started_at = unix_instant(said.needed_whole("create_time"), pointer=said.at("create_time"))
    ended, answered = said.needed_whole("end_time"), said.whole("talk_time") or 0
    if extension is None:
        return nobody(key, topic="summary")
    event = finished_call(
        call_id=entry_id,
        direction=direction,
        started_at=started_at,
        talk_seconds=ended - answered if answered else 0,
        employee=("extension", extension),
        number=theirs.text("number") or theirs.text("extension"),
    )
    return Reading(key, (event,), topic="summary")
