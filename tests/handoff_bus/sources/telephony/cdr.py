"""Call detail records as Asterisk writes them."""

import csv
import io
from typing import Any

from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.sources.telephony.calls import request

SPECIFIED = (
    *("clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end"),
    *("duration", "billsec", "disposition", "amaflags", "accountcode", "peeraccount", "uniqueid", "userfield"),
    *("sequence", "linkedid"),
)
MASTER = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start"),
    *("answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
CLIENT = "79165550014"
ID = "pbx1-1772791200.41"


def record(start: str, answer: str | None, end: str, **more: Any) -> dict[str, str]:
    """A record of 6 March 2026, times given as HH:MM:SS: the client rings, extension 201 is called."""
    seconds = [sum(int(part) * 60**power for power, part in enumerate(reversed(at.split(":")))) for at in (start, end)]
    billed = (
        0
        if answer is None
        else seconds[1] - sum(int(part) * 60**power for power, part in enumerate(reversed(answer.split(":"))))
    )
    told = {
        "clid": f'"Client" <{CLIENT}>',
        "src": CLIENT,
        "dst": "600",
        "dcontext": "from-trunk",
        "channel": "PJSIP/trunk-0000000a",
        "dstchannel": "PJSIP/201-0000000b",
        "lastapp": "Dial",
        "lastdata": "PJSIP/201,,Tt",
        "start": f"2026-03-06 {start}",
        "answer": f"2026-03-06 {answer}" if answer else "",
        "end": f"2026-03-06 {end}",
        "duration": seconds[1] - seconds[0],
        "billsec": billed,
        "disposition": "ANSWERED" if answer else "NO ANSWER",
        "amaflags": "DOCUMENTATION",
        "uniqueid": ID,
        "linkedid": ID,
        "sequence": 31,
    }
    return {name: str(value) for name, value in (told | more).items()}


def table(*records: dict[str, str], columns: tuple[str, ...] = SPECIFIED, head: bool = True) -> bytes:
    """A CSV file of these columns."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL)
    if head:
        writer.writerow(columns)
    writer.writerows([told.get(name, "") for name in columns] for told in records)
    return out.getvalue().encode()


def file(*records: dict[str, str], **how: Any) -> RawRequest:
    """An uploaded file."""
    return request(table(*records, **how), media="text/csv")


def plain(body: bytes) -> RawRequest:
    """Any bytes, uploaded."""
    return request(body, media="application/octet-stream")


# The client rings 201, who answers, asks 202 on another channel, and hands the client over.
TRANSFERRED = (
    record("13:00:00", "13:00:10", "13:01:00", sequence=31),
    record(
        "13:00:30",
        "13:00:35",
        "13:01:00",
        src="201",
        dst="202",
        channel="PJSIP/201-0000000b",
        dstchannel="PJSIP/202-0000000c",
        uniqueid="pbx1-1772791210.42",
        sequence=32,
    ),
    record(
        "13:01:00",
        "13:01:00",
        "13:01:37",
        dst="202",
        dstchannel="PJSIP/202-0000000c",
        sequence=33,
        duration=47,
        billsec=47,
    ),
)
