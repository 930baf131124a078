"""No message about a wrong field repeats what was sent."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from conveyor.contracts.values import Code, Reference, Text, WireMoney
from conveyor.kit.quiet_messages import quiet_message

SENT = "canary 2025-13-45"


class Kind(BaseModel, extra="forbid"):
    kind: Literal["a"]


class Other(BaseModel):
    kind: Literal["b"]


@pytest.mark.parametrize(
    ("model", "given"),
    [
        *((model, SENT) for model in (UUID, date, datetime, time, int, bool, float, Kind, Reference, WireMoney, dict)),
        (Annotated[Kind | Other, Field(discriminator="kind")], {"kind": SENT}),
        (Kind, {"kind": SENT}),
        (Kind, {"kind": "a", "more": SENT}),
        (Reference, {"system": SENT, "value": SENT}),
        (WireMoney, {"amount": SENT, "currency": SENT}),
        (Annotated[str, Field(max_length=3)], SENT),
        (Code, SENT),
        (Text, SENT + "\x00"),
        (list[int], [SENT]),
    ],
)
def test_what_was_sent_is_not_said_again(model: Any, given: object) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(model).validate_python(given)

    messages = [quiet_message(found) for found in refused.value.errors()]
    assert all(messages)
    assert not [message for message in messages if "canary" in message or "13-45" in message]
