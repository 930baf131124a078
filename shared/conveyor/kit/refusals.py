"""Named refusals: a business move that is not allowed raises one, it never returns quietly.

The class docstring is the message a person reads; the code comes from the class name: `DealAlreadyWon` →
`deal-already-won`. Which HTTP status a kind becomes is said once, in `kit/http/problems.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

RefusalKind = Literal[
    "refused",
    "not_found",
    "forbidden",
    "invalid",
    "bad_request",
    "unauthenticated",
    "stale",
    "missing_precondition",
    "unavailable",
]


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `pointer` is a JSON pointer into the request, such as `/occurred_at`."""

    pointer: str
    message: str


class Refusal(Exception):
    """This is not allowed."""

    kind: ClassVar[RefusalKind] = "refused"

    def __init__(self, detail: str | None = None, *, errors: Sequence[FieldError] = (), **extensions: Any) -> None:  # noqa: ANN401 - problem extensions are any JSON
        self.detail = detail or " ".join((type(self).__doc__ or "").split())
        self.errors = tuple(errors)
        self.extensions = extensions
        super().__init__(self.detail)

    @property
    def code(self) -> str:
        """Stable, kebab-case; clients may rely on it."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()


class NotFound(Refusal):
    """There is no such object, or it is not yours to see."""

    kind = "not_found"


class Forbidden(Refusal):
    """Your role may not do this."""

    kind = "forbidden"


class Invalid(Refusal):
    """The request does not make sense."""

    kind = "invalid"

    @classmethod
    def field(cls, pointer: str, message: str) -> "Invalid":
        """One wrong field."""
        return cls(errors=(FieldError(pointer, message),))
