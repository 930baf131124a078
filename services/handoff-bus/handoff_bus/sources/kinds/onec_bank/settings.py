"""Settings of kind `onec_bank`."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints

from handoff_bus.sources.kinds.kind import SourceSettings


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        msg = "is no time zone"
        raise ValueError(msg) from None
    return name


Account = Annotated[str, StringConstraints(pattern=r"^[0-9]{20}$")]


class OnecBankSettings(SourceSettings):
    """`accounts` are our own (without them, those of the file); a bank's day begins at midnight in `zone`."""

    accounts: Annotated[tuple[Account, ...], Field(max_length=100)] = ()
    zone: Annotated[str, StringConstraints(max_length=60), AfterValidator(_is_zone)] = "Europe/Moscow"
