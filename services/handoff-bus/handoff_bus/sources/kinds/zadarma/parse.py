"""Reads what Zadarma says: NOTIFY_END and NOTIFY_OUT_END end a call; a recording comes later and ends none."""

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
from handoff_bus.sources.kinds.telephony.fields import form_of, local_instant

_ENDS: dict[str, tuple[Direction, str]] = {
    "NOTIFY_END": ("in", "caller_id"),
    "NOTIFY_OUT_END": ("out", "destination"),
}


def parse(request: RawRequest, settings: LocalTimeSettings) -> Reading:
    """The ended call; `duration` counts only when `disposition` says that it was answered."""
    said = form_of(request.body)
    topic = said.needed_text("event")
    call_id = said.text("pbx_call_id")
    key = f"{call_id}:{topic}" if call_id else body_key(request.body)
    if topic not in _ENDS:
        return nothing(key, topic=topic, detail="A call is said by NOTIFY_END or NOTIFY_OUT_END.")
    call_id = said.needed_text("pbx_call_id")
    direction, number = _ENDS[topic]
    # `last_internal` is there after a transfer or a pick-up: whoever talked last.
    extension = said.text("last_internal") or said.text("internal")
    started_at = local_instant(said.needed_text("call_start"), settings.tz, pointer=said.at("call_start"))
    is_answered = said.needed_text("disposition").lower() == "answered"
    seconds = said.needed_whole("duration")
    if extension is None:
        return nobody(key, topic=topic)
    event = finished_call(
        call_id=call_id,
        direction=direction,
        started_at=started_at,
        talk_seconds=seconds if is_answered else 0,
        employee=("extension", extension),
        number=said.text(number),
    )
    return Reading(key, (event,), topic=topic)
