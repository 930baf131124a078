"""Reads Bitrix24's ONVOXIMPLANTCALLEND, said for calls of the portal and of outside exchanges alike.

An employee is named by the portal's user: `crm:<source>` in the roster. CALL_FAILED_CODE 200 is a call that was
answered, everything else (304: missed) has no talk. The portal never sends again; ONEXTERNALCALLSTART ends no call.
"""

from handoff_bus.sources.kinds.kind import SourceSettings
from handoff_bus.sources.kinds.reading import Reading
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import Direction, finished_call, nobody, nothing
from handoff_bus.sources.kinds.telephony.fields import form_of, form_pairs, local_instant, unreadable

# 3 is an incoming call that was forwarded, 4 a call back.
_DIRECTIONS: dict[int, Direction] = {1: "out", 2: "in", 3: "in", 4: "out"}
_ANSWERED = 200


def parse(request: RawRequest, _: SourceSettings) -> Reading:
    """The ended call; nothing in other events. Raises UnreadableDelivery."""
    said = form_of(request.body)
    topic = said.needed_text("event").upper()
    member, call_id = said.text("auth[member_id]") or "", said.text("data[CALL_ID]")
    key = f"{topic}:{member}:{call_id or said.text('ts') or ''}"
    if topic != "ONVOXIMPLANTCALLEND":
        return nothing(key, topic=topic, detail="A call is said by ONVOXIMPLANTCALLEND.")
    call_id = said.needed_text("data[CALL_ID]")
    direction = _DIRECTIONS.get(said.needed_whole("data[CALL_TYPE]"))
    if direction is None:
        unreadable(said.at("data[CALL_TYPE]"), "must be 1 to 4")
    start = said.needed_text("data[CALL_START_DATE]")
    started_at = local_instant(start, None, pointer=said.at("data[CALL_START_DATE]"))
    seconds = said.needed_whole("data[CALL_DURATION]")
    is_answered = said.needed_whole("data[CALL_FAILED_CODE]") == _ANSWERED
    user = said.text("data[PORTAL_USER_ID]")
    if user in {None, "0"}:
        return nobody(key, topic=topic)
    event = finished_call(
        call_id=call_id,
        direction=direction,
        started_at=started_at,
        talk_seconds=seconds if is_answered else 0,
        employee=(f"crm:{request.source}", user or ""),
        number=said.text("data[PHONE_NUMBER]"),
    )
    # Two handlers of one portal say the same call with tokens and times of their own.
    content = repr(sorted(pair for pair in form_pairs(request.body) if pair[0].startswith("data["))).encode(
        "utf-8", "surrogatepass"
    )
    return Reading(key, (event,), topic=topic, content=content)
