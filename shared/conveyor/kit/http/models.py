"""Bases of request and answer models, and the types of their fields.

Requests are closed (an unknown field is refused) and carry no NUL, which PostgreSQL cannot store. Answers are plain.
Money travels as `conveyor.contracts.values.WireMoney` or `PositiveMoney`.
"""

import re
from datetime import UTC, datetime, time
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    WithJsonSchema,
    model_validator,
)

_WALL_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"


class RequestModel(BaseModel):
    """What a caller sends: unknown fields and NUL in any text are refused with 422 naming the field."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_nul(cls, data: Any) -> Any:  # noqa: ANN401 - whatever the caller sent
        if isinstance(data, dict):
            for name, value in data.items():
                if isinstance(value, str) and "\x00" in value:
                    msg = f"{name} must not contain a NUL character"
                    raise ValueError(msg)
        return data


class AnswerModel(BaseModel):
    """What a service answers; readable from table rows and dataclasses by attribute."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _only_text(value: object) -> object:
    # A number would be read as seconds since 1970: money systems sent such by mistake before.
    if isinstance(value, int | float):
        msg = "must be RFC 3339 text with a zone"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError into a field error
    return value


def _in_utc(value: datetime) -> datetime:
    # The first and last days of the era have no instant in UTC for every zone, nor in PostgreSQL's driver.
    if not datetime(1900, 1, 1, tzinfo=UTC) <= value <= datetime(9000, 1, 1, tzinfo=UTC):
        msg = "must lie between the years 1900 and 9000"
        raise ValueError(msg)
    return value.astimezone(UTC)


BusinessInstant = Annotated[AwareDatetime, BeforeValidator(_only_text), AfterValidator(_in_utc)]
"""A moment with its zone, kept in UTC. A time without a zone, or a number, is refused."""


def _of_a_wall_clock(value: object) -> object:
    if not isinstance(value, time) and not (isinstance(value, str) and re.fullmatch(_WALL_CLOCK, value)):
        msg = "must be a time of the day such as 09:00, without a zone"
        raise ValueError(msg)
    return value


WallClock = Annotated[
    time, BeforeValidator(_of_a_wall_clock), WithJsonSchema({"type": "string", "pattern": _WALL_CLOCK})
]
"""A time of the day as the department's clock shows it. JSON Schema's `time` would be one with a zone."""
