"""`If-Match` where a caller may also say nothing."""

from typing import Annotated

from fastapi import Header

from conveyor.kit.http.etags import revision_to_change


async def revision_if_given(if_match: Annotated[str | None, Header(alias="If-Match")] = None) -> int | None:
    """The revision that the caller means to replace; None when he does not say."""
    return None if if_match is None else await revision_to_change(if_match)
