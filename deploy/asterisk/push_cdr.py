"""Push Asterisk's call detail records to a source of kind `asterisk`. Needs Python 3.9 and nothing else.

Reads what was added to Master.csv since the last run and keeps back calls whose records may not all be there: of a call
that was handed over they come minutes apart. Complete calls are signed as Standard Webhooks and posted. What is kept
back, and how far the file was read, stands in a file beside it; a call leaves it only when the bus has answered that
it is durable. So nothing is lost, and what is sent twice counts once. Run it every minute, never twice at a time.
"""  # noqa: INP001 - a script for the exchange's machine, no package

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

BYTES_AT_ONCE = 200_000
READ_BYTES_MAX = 16 * 1024 * 1024
ANSWER_SECONDS_MAX = 30
QUIET_SECONDS = 60
HELD_SECONDS_MAX = 4 * 3600
START, UNIQUE_ID, LINKED_ID = 9, 16, -2
WIDTH_WITH_LINKED_ID, WIDTH_WITH_BOTH = 19, 20


class NotTaken(Exception):
    """The bus did not take the records; they are sent again at the next run."""


def main() -> int:
    """Push once. The exit code is 0 when everything due was taken."""
    options = _options()
    os.umask(0o077)
    place = options.state or options.file.with_name(f"{options.file.name}.pushed")
    try:
        pushed = push_new(options.file, place, url=options.url, secret=options.secret, now=time.time())
    except (NotTaken, OSError) as trouble:
        sys.stderr.write(f"not pushed: {trouble}\n")
        return 1
    sys.stdout.write(f"pushed {pushed} records\n")
    return 0


def push_new(file: Path, place: Path, *, url: str, secret: str, now: float) -> int:
    """Take in new records, push the calls that are complete; gives how many records. Raises NotTaken, OSError."""
    state = _read_state(place, file)
    _take_in(file, state, now=now)
    _keep_state(place, state)
    pushed = 0
    while due := _next_due(state["held"], now=now):
        body = "".join("".join(state["held"][call]["lines"]) for call in due).encode("latin-1")
        send(body, url=url, secret=secret, at=int(now))
        for call in due:
            del state["held"][call]
        _keep_state(place, state)
        pushed += body.count(b"\n")
    return pushed


def _read_state(place: Path, file: Path) -> dict[str, Any]:
    """A file that was rotated (another inode, or shorter) is read from its beginning; held calls stay held."""
    found = file.stat()
    state: dict[str, Any] = {"inode": found.st_ino, "offset": 0, "held": {}}
    if place.exists():
        kept = json.loads(place.read_text(encoding="ascii"))
        state["held"] = kept["held"]
        if kept["inode"] == found.st_ino and kept["offset"] <= found.st_size:
            state["offset"] = kept["offset"]
    return state


def _keep_state(place: Path, state: dict[str, Any]) -> None:
    new = place.with_name(f"{place.name}.new")
    with new.open("w", encoding="ascii") as out:
        json.dump(state, out)
        out.flush()
        os.fsync(out.fileno())
    new.replace(place)


def _take_in(file: Path, state: dict[str, Any], *, now: float) -> None:
    """Complete lines only: the last one may still be written."""
    with file.open("rb") as records:
        records.seek(state["offset"])
        read = records.read(READ_BYTES_MAX)
    read = read[: read.rfind(b"\n") + 1]
    state["offset"] += len(read)
    for line in read.decode("latin-1").splitlines(keepends=True):
        row = next(csv.reader([line]), [])
        held = state["held"].setdefault(_call_of(row), {"first": now, "lines": [], "is_whole": False})
        held["last"] = now
        held["lines"].append(line)
        held["is_whole"] = held["is_whole"] or _is_of_first_channel(row)


def _call_of(row: list[str]) -> str:
    """What the records of one call share: the linkedid, or, without such a column, when it began."""
    if len(row) >= WIDTH_WITH_LINKED_ID:
        return row[LINKED_ID]
    return row[START] if len(row) > START else ""


def _is_of_first_channel(row: list[str]) -> bool:
    """Whether the channel that began the call has ended; unknown, so taken for granted, without both columns."""
    return len(row) < WIDTH_WITH_BOTH or row[UNIQUE_ID] == row[LINKED_ID]


def _next_due(held: dict[str, Any], *, now: float) -> list[str]:
    """Calls without news for a while, as many as go into one delivery."""
    due: list[str] = []
    size = 0
    for call, kept in held.items():
        is_quiet = now - kept["last"] >= QUIET_SECONDS
        if not is_quiet or not (kept["is_whole"] or now - kept["first"] >= HELD_SECONDS_MAX):
            continue
        size += sum(len(line) for line in kept["lines"])
        if due and size > BYTES_AT_ONCE:
            break
        due.append(call)
    return due


def send(body: bytes, *, url: str, secret: str, at: int) -> None:
    """Sign and post. Raises NotTaken."""
    # The same records always have the same id, so the bus knows them however often they come.
    name = "cdr_" + hashlib.sha256(body).hexdigest()
    signed = b".".join((name.encode(), str(at).encode(), body))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    headers = {
        "content-type": "text/csv",
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{signature}",
    }
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - see _options
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX):  # noqa: S310 - the same
            return
    except urllib.error.HTTPError as refused:
        msg = f"{refused.code} {refused.read(2000).decode('utf-8', 'replace')}"
        raise NotTaken(msg) from refused
    except (urllib.error.URLError, TimeoutError) as failure:
        raise NotTaken(str(failure)) from failure


def _options() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description="Push Asterisk's call detail records to Conveyor.")
    reader.add_argument("--file", type=Path, default=Path("/var/log/asterisk/cdr-csv/Master.csv"))
    reader.add_argument("--url", required=True, help="https://<bus>/v1/webhooks/<source>")
    reader.add_argument("--state", type=Path, help="where to remember the place; beside the file unless given")
    options = reader.parse_args()
    if not options.url.startswith(("https://", "http://")):
        reader.error("--url must be http(s)")
    options.secret = os.environ.get("CONVEYOR_CDR_SECRET", "")
    if not options.secret:
        reader.error("CONVEYOR_CDR_SECRET must hold the secret of the source")
    return options


if __name__ == "__main__":
    sys.exit(main())
