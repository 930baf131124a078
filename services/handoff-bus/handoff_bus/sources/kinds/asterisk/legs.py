"""A call detail record as one leg of a call: who was on each side, and how long they talked. Pure.

`duration` includes ringing and `billsec` may disagree with the times beside it (it does in the specification's own
attended transfer): talk is `end - answer` wherever both are given.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handoff_bus.sources.kinds.asterisk.records import Row
from handoff_bus.sources.kinds.telephony.call import is_link
from handoff_bus.sources.kinds.telephony.fields import Fields, local_instant, unreadable

_ANSWERED = "ANSWERED"
_LONGEST = timedelta(days=7)
# `PJSIP/201-0000002a`, `Local/201@from-queue-00000003;1`, `SIP/201`.
_PEER = re.compile(r"^[A-Za-z0-9]+/(?P<peer>.[^@\n]*?)(?:@.*)?(?:-[0-9a-fA-F]{6,10}(?:;[12])?)?$")


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a leg: an extension of ours, or an outside number."""

    name: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Leg:
    """One record. `caller` and `called` are its sides; nobody called is None (a menu, voice mail)."""

    caller: Party
    called: Party | None
    channels: tuple[str, ...]
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    unique_id: str
    linked_id: str
    sequence: int
    recording_url: str | None

    @property
    def is_talk(self) -> bool:
        """Whether two people talked in it."""
        return self.called is not None and self.answered_at is not None and self.ended_at > self.answered_at


def read_leg(row: Row, *, number: int, zone: ZoneInfo, extension: re.Pattern[str]) -> Leg:
    """The leg in a record. `extension` matches our inner numbers, `number` is its place. Refuses wrong times."""
    fields = Fields(row, pointer=f"/records/{number}")
    started, answered, ended = _times(fields, zone)
    return Leg(
        caller=_caller(row, extension),
        called=_called(row, extension),
        channels=tuple(name for column in ("channel", "dstchannel") if (name := row.get(column))),
        started_at=started,
        answered_at=answered,
        ended_at=ended,
        unique_id=row.get("uniqueid", ""),
        linked_id=row.get("linkedid", ""),
        sequence=fields.whole("sequence") or 0,
        recording_url=_recording(row),
    )


def _times(fields: Fields, zone: ZoneInfo) -> tuple[datetime, datetime | None, datetime]:
    started = local_instant(fields.needed_text("start"), zone, pointer=fields.at("start"))
    length = _span(fields, "duration")
    billed = _span(fields, "billsec")
    end = fields.text("end")
    try:
        ended = started + length if end is None else local_instant(end, zone, pointer=fields.at("end"))
        answered: datetime | None = ended - billed
    except OverflowError:
        unreadable(fields.at("start"), "must be a local date and time")
    answer = fields.text("answer")
    if answer is not None:
        answered = local_instant(answer, zone, pointer=fields.at("answer"))
    is_answered = fields.needed_text("disposition").upper() == _ANSWERED and (answer is not None or billed)
    if ended < started or ended - started > _LONGEST:
        unreadable(fields.at("end"), "must follow the start within a week")
    if not is_answered or answered is None:
        return started, None, ended
    if answered > ended:
        unreadable(fields.at("answer"), "must not follow the end")
    return started, answered, ended


def _span(fields: Fields, name: str) -> timedelta:
    seconds = timedelta(seconds=min(fields.whole(name) or 0, 10**9))
    if seconds > _LONGEST:
        unreadable(fields.at(name), "is longer than a week")
    return seconds


def _caller(row: Row, extension: re.Pattern[str]) -> Party:
    """FreePBX keeps the extension in `cnum` while `src` is the number shown outside."""
    src = row.get("src", "")
    peer = _peer(row.get("channel", ""))
    for name in (row.get("cnum", ""), src):
        if extension.fullmatch(name):
            return Party(name, is_ours=True)
    # A trunk's name may look like an extension only when nobody's number is known.
    if extension.fullmatch(peer) and not (src.isdigit() and row.get("did")):
        return Party(peer, is_ours=True)
    return Party(src or row.get("cnum", ""), is_ours=False)


def _called(row: Row, extension: re.Pattern[str]) -> Party | None:
    """The channel that answered names the person: `dst` may be a queue, a ring group or a number of the line."""
    if not row.get("dstchannel"):
        return None
    peer, dst = _peer(row["dstchannel"]), row.get("dst", "")
    for name in (peer, dst):
        if extension.fullmatch(name):
            return Party(name, is_ours=True)
    return Party(dst, is_ours=False)


def _peer(channel: str) -> str:
    match = _PEER.match(channel)
    return match["peer"].removesuffix("@") if match else ""


def _recording(row: Mapping[str, str]) -> str | None:
    address = row.get("recordingfile") or row.get("userfield") or ""
    return address if is_link(address) else None
