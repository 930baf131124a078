"""Reads a file of call detail records, uploaded or pushed: its calls, each with an id of its own.

The same records sent again, among others or alone, are the same calls: the bus says each once.
"""

import re
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from handoff_bus.sources.kinds.asterisk.calls import calls_of
from handoff_bus.sources.kinds.asterisk.legs import read_leg
from handoff_bus.sources.kinds.asterisk.records import read_rows
from handoff_bus.sources.kinds.reading import Reading
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import LocalTimeSettings, body_key, nothing


class AsteriskSettings(LocalTimeSettings):
    """How this exchange keeps its records.

    `zone` is the server's, `UTC` with `usegmtime=yes`. `extension_digits` are those of the shortest and the longest
    inner number. `columns` name those of a `cdr_custom` file without a header line.
    """

    extension_digits: tuple[Annotated[int, Field(ge=1, le=10)], Annotated[int, Field(ge=1, le=10)]] = (2, 5)
    columns: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,40}$")], ...] = Field((), max_length=100)
    delimiter: Literal[",", ";", "\t", "|"] = ","


def parse(request: RawRequest, settings: AsteriskSettings) -> Reading:
    """Every call of an employee in the file. Raises UnreadableDelivery naming the record."""
    shortest, longest = settings.extension_digits
    extension = re.compile(rf"[0-9]{{{shortest},{longest}}}") if shortest <= longest else re.compile(r"(?!)")
    rows = read_rows(request.body, columns=settings.columns, delimiter=settings.delimiter)
    legs = [
        read_leg(row, number=number, zone=settings.tz, extension=extension) for number, row in enumerate(rows, start=1)
    ]
    key = request.headers.get("webhook-id") or body_key(request.body)
    events = tuple(calls_of(dict.fromkeys(legs)))
    if not events:
        return nothing(key, topic="cdr", detail="No employee took part in a call of this file.")
    return Reading(key, events, topic="cdr")
