"""Entity tags: the revision of an object, in quotes. Comparison is strong; a weak tag never matches (RFC 9110)."""

import re
from typing import Annotated

from fastapi import Depends, Header

from conveyor.kit.refusals import Refusal

_TAG = re.compile(r'"([0-9]{1,18})"')


class StaleRevision(Refusal):
    """The object has changed since you read it; read it again."""

    kind = "stale"


class PreconditionRequired(Refusal):
    """Say which revision you change: send If-Match with the ETag you read."""

    kind = "missing_precondition"


def etag_of(revision: int) -> str:
    """The value of the ETag header for a revision."""
    return f'"{revision}"'


async def revision_to_change(if_match: Annotated[str | None, Header(alias="If-Match")] = None) -> int:
    """The revision that the caller read. 428 when the header is missing, 412 when it can match nothing.

    Compare it inside the UPDATE (`WHERE … AND revision = …`), never before it.
    """
    if if_match is None:
        raise PreconditionRequired
    match = _TAG.fullmatch(if_match.strip())
    if match is None:
        raise StaleRevision
    return int(match[1])


async def revision_if_given(if_match: Annotated[str | None, Header(alias="If-Match")] = None) -> int | None:
    """The same where a caller may also say nothing: then None."""
    return None if if_match is None else await revision_to_change(if_match)


IfMatch = Annotated[int, Depends(revision_to_change)]
