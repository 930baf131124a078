"""Reads call detail records out of a file: Master.csv, cdr_custom, a database export, JSON lines, AMI `Cdr` events.

Column names are those of Asterisk's CDR specification in lower case; other systems' names for them are known. Columns
that nobody asks for are left out.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from handoff_bus.sources.kinds.telephony.fields import unreadable

ROWS_MAX = 100_000

# What cdr_csv writes, in its order; the last five only where cdr.conf or cdr_csv.conf turns them on.
_MASTER = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
_NEW_COLUMNS = ("peeraccount", "linkedid", "sequence")
_MASTER_BY_WIDTH = {
    len(columns): columns
    for columns in (
        _MASTER,
        (*_MASTER, "uniqueid"),
        (*_MASTER, "uniqueid", "userfield"),
        (*_MASTER, *_NEW_COLUMNS),
        (*_MASTER, "uniqueid", *_NEW_COLUMNS),
        (*_MASTER, "uniqueid", "userfield", *_NEW_COLUMNS),
    )
}
_OTHER_NAMES = {
    "calldate": "start",
    "source": "src",
    "destination": "dst",
    "destinationcontext": "dcontext",
    "callerid": "clid",
    "destinationchannel": "dstchannel",
    "lastapplication": "lastapp",
    "starttime": "start",
    "answertime": "answer",
    "endtime": "end",
    "billableseconds": "billsec",
}
_UNIQUE_ID = re.compile(r"^(?:.*-)?[0-9]+\.[0-9]+$")

Row = Mapping[str, str]
"""A record: column to text, blank where there is nothing."""


def read_rows(file: bytes, *, columns: Sequence[str] = (), delimiter: str = ",") -> list[Row]:
    """The records of a file in its order. `columns` name those of a file without a header line.

    Refuses what is no text, a line of another width, and a column that is no column.
    """
    text = _decoded(file)
    start = text.lstrip()
    if start.startswith(("{", "[")):
        rows = _json_rows(start)
    elif start.lower().startswith("event:"):
        rows = _ami_rows(start)
    else:
        rows = _csv_rows(text, columns=tuple(columns), delimiter=delimiter)
    return list(rows)


def _decoded(file: bytes) -> str:
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = file.decode("cp1251", errors="replace")
    if "\x00" in text:
        unreadable("", "must be a text file")
    return text


def _csv_rows(text: str, *, columns: tuple[str, ...], delimiter: str) -> Iterator[Row]:
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if line]
    except csv.Error:
        unreadable("", "must be CSV")
    if len(lines) > ROWS_MAX:
        unreadable("", f"must hold at most {ROWS_MAX} records")
    head = [_column(name) for name in lines[0]] if lines else []
    is_headed = {"src", "dst", "start"} <= set(head)
    for number, line in enumerate(lines[1:] if is_headed else lines, start=2 if is_headed else 1):
        names = head if is_headed else columns or _master_columns(line)
        if len(names) != len(line):
            unreadable(f"/lines/{number}", "has another number of columns")
        yield {name: value.strip() for name, value in zip(names, line, strict=True)}


def _master_columns(line: Sequence[str]) -> tuple[str, ...]:
    names = _MASTER_BY_WIDTH.get(len(line), ())
    if names[-1:] == ("uniqueid",) and not _UNIQUE_ID.match(line[-1]):
        # `loguserfield` without `loguniqueid` is as wide.
        return (*_MASTER, "userfield")
    return names


def _json_rows(text: str) -> Iterator[Row]:
    try:
        records = orjson.loads(text) if text.startswith("[") else [orjson.loads(line) for line in _full_lines(text)]
    except orjson.JSONDecodeError:
        unreadable("", "must be JSON, one record a line")
    if len(records) > ROWS_MAX:
        unreadable("", f"must hold at most {ROWS_MAX} records")
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            unreadable(f"/lines/{number}", "must be an object")
        yield {_column(name): _plain(value, line=number) for name, value in record.items()}


def _plain(value: Any, *, line: int) -> str:  # noqa: ANN401 - any JSON
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        unreadable(f"/lines/{line}", "must hold texts and numbers only")
    return str(value).strip()


def _ami_rows(text: str) -> Iterator[Row]:
    blocks = re.split(r"\r?\n[ \t]*\r?\n", text.strip())
    if len(blocks) > ROWS_MAX:
        unreadable("", f"must hold at most {ROWS_MAX} records")
    for block in blocks:
        pairs = [line.partition(":") for line in block.splitlines()]
        row = {_column(name): value.strip() for name, _, value in pairs}
        if row.get("event", "").lower() == "cdr":
            yield row


def _column(name: str) -> str:
    plain = name.strip().lower()
    return _OTHER_NAMES.get(plain, plain)


def _full_lines(text: str) -> Iterable[str]:
    return (line for line in text.splitlines() if line.strip())
