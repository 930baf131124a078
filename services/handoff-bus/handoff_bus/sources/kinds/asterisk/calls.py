"""Puts legs together into calls: one call for each `linkedid`, for the one employee it belongs to. Pure.

A call with an outside party belongs to whoever of ours talked with that party last (after an attended transfer: the
one it was handed to), with the seconds that he talked with the outside; the consultation between colleagues is not a
call of its own. One that nobody answered belongs to the first who was called, with no seconds. A call between
colleagues belongs to the one who rang.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from handoff_bus.sources.kinds.asterisk.legs import Leg, Party
from handoff_bus.sources.kinds.standard.schema import OutsideEvent
from handoff_bus.sources.kinds.telephony.call import Direction, finished_call

_CODE = re.compile(r"^[^\x00-\x20\x7f-\x9f]{1,100}$")


def calls_of(legs: Iterable[Leg]) -> list[OutsideEvent]:
    """The calls of employees in these legs, by their start; calls without any of ours are left out."""
    groups = [sorted(group, key=_order) for group in _grouped(legs)]
    return [call for group in sorted(groups, key=lambda group: _order(group[0])) if (call := _call(group)) is not None]


def _order(leg: Leg) -> tuple[datetime, int, datetime, str]:
    return leg.started_at, leg.sequence, leg.ended_at, " ".join(leg.channels)


def _grouped(legs: Iterable[Leg]) -> list[list[Leg]]:
    named: defaultdict[str, list[Leg]] = defaultdict(list)
    nameless = []
    for leg in legs:
        # `linkedid` is off by default; `uniqueid` alone still joins what one channel dialled.
        if leg.linked_id:
            named[leg.linked_id].append(leg)
        else:
            nameless.append(leg)
    return [*named.values(), *_joined_by_channel(nameless)]


def _joined_by_channel(legs: Iterable[Leg]) -> list[list[Leg]]:
    """Without `linkedid`: legs that share a channel or a `uniqueid` while it lived are one call.

    Names of channels come again after a restart, so a leg joins only what had not ended when it began.
    """
    groups: list[list[Leg]] = []
    latest: dict[str, tuple[int, datetime]] = {}
    merged: dict[int, int] = {}
    for leg in sorted(legs, key=_order):
        names = [*leg.channels, *([f"id:{leg.unique_id}"] if leg.unique_id else [])]
        homes = {
            _home(merged, latest[name][0]) for name in names if name in latest and leg.started_at <= latest[name][1]
        }
        home = min(homes, default=len(groups))
        if home == len(groups):
            groups.append([])
        for other in homes - {home}:
            groups[home] += groups[other]
            groups[other] = []
            merged[other] = home
        groups[home].append(leg)
        for name in names:
            ended = latest[name][1] if name in latest and _home(merged, latest[name][0]) == home else leg.ended_at
            latest[name] = home, max(ended, leg.ended_at)
    return [group for group in groups if group]


def _home(merged: dict[int, int], group: int) -> int:
    while group in merged:
        group = merged[group]
    return group


def _call(legs: Sequence[Leg]) -> OutsideEvent | None:
    outside = [leg for leg in legs if leg.called is not None and leg.caller.is_ours != leg.called.is_ours]
    inside = [leg for leg in legs if leg.called is not None and leg.caller.is_ours and leg.called.is_ours]
    if outside:
        return _outside_call(legs, outside)
    return _inside_call(legs, inside) if inside else None


def _outside_call(legs: Sequence[Leg], outside: Sequence[Leg]) -> OutsideEvent:
    talks = [leg for leg in outside if leg.is_talk]
    decisive = max(talks, key=lambda leg: (leg.ended_at, leg.sequence)) if talks else outside[0]
    ours, theirs = _sides(decisive)
    his = [leg for leg in talks if _sides(leg)[0] == ours]
    return finished_call(
        call_id=_call_id(legs),
        direction=_direction(outside),
        started_at=legs[0].started_at,
        talk_seconds=_talk_seconds(his),
        employee=("extension", ours.name),
        number=theirs.name,
        recording_url=decisive.recording_url,
    )


def _inside_call(legs: Sequence[Leg], inside: Sequence[Leg]) -> OutsideEvent:
    first = inside[0]
    his = [leg for leg in inside if leg.is_talk and leg.caller == first.caller]
    return finished_call(
        call_id=_call_id(legs),
        direction="internal",
        started_at=legs[0].started_at,
        talk_seconds=_talk_seconds(his),
        employee=("extension", first.caller.name),
        number=first.called.name if first.called else None,
        recording_url=first.recording_url,
    )


def _sides(leg: Leg) -> tuple[Party, Party]:
    """Our side and the other one."""
    called = leg.called if leg.called is not None else leg.caller
    return (leg.caller, called) if leg.caller.is_ours else (called, leg.caller)


def _direction(outside: Sequence[Leg]) -> Direction:
    """Who rang first: a transfer inside turns nothing round."""
    first = min(outside, key=lambda leg: (leg.linked_id != leg.unique_id, *_order(leg)))
    return "out" if first.caller.is_ours else "in"


def _talk_seconds(legs: Iterable[Leg]) -> int:
    """The seconds in which at least one of these legs was talk; two at a time count once."""
    total, until = timedelta(), None
    for leg in sorted((leg for leg in legs if leg.is_talk), key=lambda leg: (leg.answered_at, leg.ended_at)):
        if leg.answered_at is None:
            continue
        begin = leg.answered_at if until is None else max(leg.answered_at, until)
        if leg.ended_at > begin:
            total += leg.ended_at - begin
            until = leg.ended_at
    return int(total.total_seconds())


def _call_id(legs: Sequence[Leg]) -> str:
    """`linkedid`, else the first channel's `uniqueid`, else a hash of where and when it began.

    Records that came without that of the channel which began the call must not stand for the whole of it.
    """
    first = legs[0]
    name = first.linked_id or first.unique_id
    if first.linked_id and first.unique_id and all(leg.unique_id != leg.linked_id for leg in legs):
        name = f"{first.linked_id}/{first.unique_id}"
    if _CODE.match(name):
        return name
    # Without ids: a channel's name is unique while Asterisk runs, and with its start for good.
    origin = "|".join((name, first.started_at.isoformat(), *first.channels[:1], first.caller.name))
    return f"sha256:{hashlib.sha256(origin.encode('utf-8', 'surrogatepass')).hexdigest()}"
