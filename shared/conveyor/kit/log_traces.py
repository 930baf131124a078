"""Tracebacks for the log: where something went wrong and what kind of thing it was, without the data it was about.

Messages of exceptions quote what they choke on (a row of the database, a field of a body). Names have no shape by which
they could be found later, so a message is kept only as far as it can hold nothing of that sort.
"""

import re
import sys
from collections.abc import Iterator, MutableMapping
from traceback import TracebackException
from typing import Any

from pydantic import ValidationError

HIDDEN = "[…]"
MESSAGE_CHARACTERS_MAX = 500
# A quoted name of a table or a key may stay; any other quotation, and letters that our own English has not, may not.
_VALUE = re.compile(r"""(['"])[A-Za-z0-9_.:/-]{0,63}\1|['"]|[^\x00-\x7f]""")
# Where drivers begin to tell the data: PostgreSQL's details, SQLAlchemy's statement with its parameters.
_DETAILS = ("\nDETAIL:", "\nCONTEXT:", "\nHINT:", "\n[SQL:", "\n[parameters:")


def add_exception(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: `exc_info` becomes the text `exception`."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else (given or (None, None))[1] if given is not True else None
    error = error or (sys.exc_info()[1] if given else None)
    if error is not None:
        event["exception"] = "".join(_told(error, set())).rstrip("\n")
    return event


def _told(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _told(before, seen)
        yield "\nwhich led to:\n\n"
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):\n"
        yield from TracebackException.from_exception(error, compact=True).stack.format()
    message = message_of(error)
    yield f"{type(error).__module__}.{type(error).__qualname__}{': ' if message else ''}{message}\n"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield "\namong them:\n\n"
            yield from _told(one, seen)


def message_of(error: BaseException) -> str:
    """What an exception says, as far as it holds no value."""
    if isinstance(error, ValidationError):
        return f"{error.error_count()} in {error.title}: " + ", ".join(sorted({one["type"] for one in error.errors()}))
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - an exception that cannot even be told
        return HIDDEN
    kept = said[:MESSAGE_CHARACTERS_MAX]
    ends = [place for begin in _DETAILS if (place := kept.find(begin)) >= 0]
    ends += [match.start() for match in _VALUE.finditer(kept) if match[1] is None]
    return kept if not ends else kept[: min(ends)] + HIDDEN
