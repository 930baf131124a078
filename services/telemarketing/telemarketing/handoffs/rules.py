"""A handoff's state from what the receiving stage said of it, in whatever order it was heard. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from conveyor.kit.refusals import Refusal

HandoffState = Literal["offered", "accepted", "returned", "withdrawn", "nurtured"]
"""`nurtured`: accepted once, and given back later until a better day."""
AnswerKind = Literal["routed", "accepted", "returned", "withdrawn", "nurtured"]

HELD_STATES: Final = frozenset({"offered", "accepted"})
"""States in which the lead is not telemarketing's to work on."""

_CLOSING_KINDS: Final[dict[AnswerKind, HandoffState]] = {
    "accepted": "accepted",
    "returned": "returned",
    "withdrawn": "withdrawn",
    "nurtured": "nurtured",
}


class LeadAlreadyHandedOver(Refusal):
    """The lead is offered to closing or accepted there already; a new meeting needs a return or a withdrawal first."""


class LeadHandedOver(Refusal):
    """At that moment the lead was handed over; work on it belongs before the handoff or after its return."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One word of the receiving stage."""

    kind: AnswerKind
    occurred_at: datetime
    event_id: UUID


@dataclass(frozen=True, slots=True)
class HeldSpan:
    """While `[from_at, until_at)` lasts the lead is handed over; without end when it was not given back."""

    from_at: datetime
    until_at: datetime | None

    def covers(self, instant: datetime) -> bool:
        """Whether the lead was handed over at this instant."""
        return self.from_at <= instant and (self.until_at is None or instant < self.until_at)


def last_word(answers: Iterable[Answer]) -> Answer | None:
    """The answer that stands: the latest in business time; of one instant the return to nurture, else by event id."""
    closing = [answer for answer in answers if answer.kind in _CLOSING_KINDS]
    return max(closing, key=lambda one: (one.occurred_at, one.kind == "nurtured", one.event_id), default=None)


def handoff_state(answers: Iterable[Answer]) -> HandoffState:
    """The state; `offered` while nobody answered. Being routed to somebody is no answer."""
    word = last_word(answers)
    return "offered" if word is None else _CLOSING_KINDS[word.kind]


def held_span(*, offered_at: datetime, answers: Sequence[Answer]) -> HeldSpan:
    """When the lead was handed over by this handoff: from the offer until it came back, if it did."""
    word = last_word(answers)
    given_back = word is not None and word.kind != "accepted"
    return HeldSpan(from_at=offered_at, until_at=word.occurred_at if word is not None and given_back else None)


def check_work_allowed(*, occurred_at: datetime, held: Iterable[HeldSpan]) -> None:
    """Raises LeadHandedOver when the touch or booking lies in a time in which the lead was handed over."""
    if any(span.covers(occurred_at) for span in held):
        raise LeadHandedOver


def check_may_offer(states: Iterable[str]) -> None:
    """Raises LeadAlreadyHandedOver when a handoff is offered or accepted."""
    if any(state in HELD_STATES for state in states):
        raise LeadAlreadyHandedOver
