"""The caller, as his token says."""

from dataclasses import dataclass
from uuid import UUID

from conveyor.kit.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: `subject` is the token's `sub`; `employee_id` is there for people of the roster."""

    subject: str
    role: str
    employee_id: UUID | None


class Unauthenticated(Refusal):
    """A valid bearer token is needed."""

    kind = "unauthenticated"
