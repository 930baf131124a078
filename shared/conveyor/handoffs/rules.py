"""Who should answer a handoff, and which answers are refused. Pure: no clock, no I/O."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from conveyor.kit.refusals import Invalid, Refusal

OVERDUE_TWICE: Final = 2
"""The level at which a handoff goes to the head."""


class HandoffAlreadyAccepted(Refusal):
    """This handoff was accepted already."""


class HandoffAlreadyReturned(Refusal):
    """This handoff was returned already."""


class HandoffWithdrawn(Refusal):
    """This handoff was withdrawn: its meeting was cancelled before anybody answered."""


_ANSWERED: dict[str, type[Refusal]] = {
    "accepted": HandoffAlreadyAccepted,
    "returned": HandoffAlreadyReturned,
    "withdrawn": HandoffWithdrawn,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the receiving role who works that day. `load` is his open handoffs plus his open deals or clients.

    `open_handoffs` counts what he did not answer yet, of at most `open_handoffs_max` (any number when None).
    """

    employee_id: UUID
    is_chain_mate: bool
    load: int
    open_handoffs: int = 0
    open_handoffs_max: int | None = None

    @property
    def has_room(self) -> bool:
        """Whether he may be given one more."""
        return self.open_handoffs_max is None or self.open_handoffs < self.open_handoffs_max


def choose(candidates: Iterable[Candidate]) -> UUID | None:
    """The offerer's chain first, then the least loaded; equal ones by id, so that the choice is the same every time.

    Nobody without room; None when nobody has any.
    """
    able = (one for one in candidates if one.has_room)
    best = min(able, key=lambda one: (not one.is_chain_mate, one.load, one.employee_id.int), default=None)
    return best.employee_id if best else None


def refuse_unless_offered(state: str) -> None:
    """An answered or withdrawn handoff takes no other answer."""
    refusal = _ANSWERED.get(state)
    if refusal is not None:
        raise refusal


def refuse_answer_before_offer(*, answered_at: datetime, offered_at: datetime) -> None:
    """Nobody answers an offer before it was made (both in business time)."""
    if answered_at < offered_at:
        raise Invalid.field(pointer="/occurred_at", message="earlier than the offer")


def may_answer(*, routed_to: UUID | None, routed_is_gone: bool, employee_id: UUID) -> bool:
    """Whom it is routed to; anybody of the role when it is routed to nobody or to somebody who is gone by now."""
    return routed_to is None or routed_is_gone or routed_to == employee_id
