"""What a CRM has to offer to be written to: its settings, what to set, how to say it, how to read the answer."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict

from handoff_bus.outbound.client import Answer, Call
from handoff_bus.write_backs.rules import Fields, Groups, Position, Result

DETAIL_LENGTH_MAX = 300
# Credentials that ran out, an account that was not paid, too much at once: somebody can put that right meanwhile.
MAY_PASS = frozenset({401, 402, 403, 408, 423, 425, 429})


class CrmSettings(BaseModel):
    """Settings of a write-back. A field of type `SecretStr` is a credential: it is kept apart and never shown.

    With `owner` the responsible user is written too: he whom an employee reference `crm:<source>` names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    owner: bool = True


S = TypeVar("S", bound=CrmSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crm(Generic[S]):
    """One kind of CRM. Everything here is pure."""

    settings: type[S]
    address: Callable[[S], str]
    """Where its API is, to be judged before it is kept."""
    groups: Callable[[S, str, Position, str | None], Groups]
    """What to set in this thing (the value of a `crm:<source>` reference) for this position and this user's id."""
    call: Callable[[S, str, Fields], Call]
    """The call that sets these fields of this thing. Raises UnwritableThing."""
    read: Callable[[Answer], Result]


class UnwritableThing(Exception):
    """The reference is none of what this CRM can be asked to change."""


def refusal_of(answer: Answer) -> Result:
    """What a status that is no success means; 404 that the CRM does not know the thing."""
    detail = f"It answered {answer.status}: {answer.excerpt(DETAIL_LENGTH_MAX)}"
    if answer.status in {404, 410}:
        return Result("gone", detail)
    if answer.status in MAY_PASS or not 400 <= answer.status < 500:
        return Result("again", detail, answer.retry_after_seconds)
    return Result("refused", detail)


def json_of(answer: Answer) -> Any:  # noqa: ANN401 - any JSON
    """The answer as JSON; None when it is none."""
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def number_of(thing: str) -> int:
    """The number of a thing. Raises UnwritableThing."""
    if not re.fullmatch(r"[0-9]{1,18}", thing):
        raise UnwritableThing
    return int(thing)
