"""A month as it stands in paths and queries: `2025-09`."""

from typing import Annotated

from pydantic import AfterValidator

from conveyor.kit.calendar import Month


def _checked(text: str) -> str:
    month = Month.parse(text)
    # Arithmetic with months needs a neighbour on either side.
    if not 1900 <= month.year <= 9000:
        msg = "must lie between the years 1900 and 9000"
        raise ValueError(msg)
    return text


PeriodText = Annotated[str, AfterValidator(_checked)]
"""A month written `2025-09`; anything else is refused."""
