"""Reads Twilio's status callbacks: the last status of a call ends it.

`CallDuration` is seconds, `Duration` is billed minutes. The employee is whoever stands on our side: `extension` in the
query of the callback's address if the application wrote it there (it is signed), else the `client:` name, the user of
a `sip:` address, or the number of the line.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl

from handoff_bus.sources.kinds.kind import SourceSettings
from handoff_bus.sources.kinds.reading import Reading
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import body_key, finished_call, nobody, nothing
from handoff_bus.sources.kinds.telephony.fields import QUERY_FIELDS_MAX, Fields, form_of, unreadable

_ENDED = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
# What Twilio writes for restricted, blocked, unknown, anonymous and unavailable callers: letters on a keypad.
_NO_NUMBER = frozenset({"+7378742833", "+2562533", "+8566", "+266696687", "+86282452253"})
_LONGEST = timedelta(days=7)


def parse(request: RawRequest, _: SourceSettings) -> Reading:
    """The ended call; nothing while it goes on, and nothing in callbacks about recordings."""
    if request.media_type == "application/json":
        return nothing(body_key(request.body), topic="json", detail="Only status callbacks of calls are read.")
    said = form_of(request.body)
    status, call_id = said.text("CallStatus"), said.text("CallSid")
    if status is None or call_id is None or "RecordingSid" in said:
        return nothing(body_key(request.body), topic="other", detail="Only status callbacks of calls are read.")
    key = f"{call_id}:{said.text('SequenceNumber') or status}"
    if status not in _ENDED:
        return nothing(key, topic=status, detail="The call goes on.")
    is_inbound = said.needed_text("Direction").startswith("inbound")
    ours, theirs = ("To", "From") if is_inbound else ("From", "To")
    extension = _extension(request) or _name(said.text(ours))
    seconds = said.whole("CallDuration") or 0
    number = said.text(theirs)
    started_at = _started_at(said, seconds=seconds)
    if extension is None:
        return nobody(key, topic=status)
    event = finished_call(
        call_id=call_id,
        direction="in" if is_inbound else "out",
        started_at=started_at,
        talk_seconds=seconds if status == "completed" else 0,
        employee=("extension", extension),
        number=None if number in _NO_NUMBER else number,
    )
    return Reading(key, (event,), topic=status)


def _extension(request: RawRequest) -> str | None:
    try:
        return dict(parse_qsl(request.query, max_num_fields=QUERY_FIELDS_MAX)).get("extension")
    except ValueError:
        return None


def _name(address: str | None) -> str | None:
    if address is None:
        return None
    scheme, _, rest = address.partition(":")
    if scheme in {"client", "sip"} and rest:
        return rest.partition("@")[0].partition(";")[0] or None
    return address


def _started_at(said: Fields, *, seconds: int) -> datetime:
    """`Timestamp` is when the callback was sent, RFC 2822 in UTC: the end of the call."""
    length = timedelta(seconds=seconds)
    if length > _LONGEST:
        unreadable(said.at("CallDuration"), "is longer than a week")
    try:
        ended = parsedate_to_datetime(said.needed_text("Timestamp"))
        return (ended if ended.tzinfo else ended.replace(tzinfo=UTC)).astimezone(UTC) - length
    except (ValueError, OverflowError, TypeError):
        unreadable(said.at("Timestamp"), "must be a date and time of RFC 2822")
