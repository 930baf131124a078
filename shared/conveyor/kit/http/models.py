"""Bases of request and answer models, and the types of their fields.

Requests are closed (an unknown field is refused) and carry no NUL, which PostgreSQL cannot store. Answers are plain.
Money travels as `conveyor.contracts.values.WireMoney` or `PositiveMoney`.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, model_validator


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
