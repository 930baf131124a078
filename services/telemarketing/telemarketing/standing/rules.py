"""A lead's state and its place in the queue, from everything known about it. Pure.

States: new → in_work → handed_over (offered to closing) → at_closing (accepted) → client or lost; returned when the
receiving stage gave it back, at once or until a better day; erased for good, whatever else is known. Queue: warm
first, then replies and callbacks that are due, then the longest untouched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from telemarketing.handoffs.rules import HELD_STATES

LeadState = Literal["new", "in_work", "handed_over", "at_closing", "returned", "client", "lost", "erased"]

RANK_WARM: Final = 0
RANK_ANSWER_DUE: Final = 1
RANK_UNTOUCHED: Final = 2
QUEUE_RANKS: Final = (RANK_WARM, RANK_ANSWER_DUE, RANK_UNTOUCHED)

REST_AFTER_WORK: Final = timedelta(hours=20)
"""Nobody calls a lead twice in a day unless it stirred itself."""

# How long after such a reply somebody should get back to the lead: at once, next month, or next half-year.
CALL_BACK_AFTER: Final[dict[str, timedelta]] = {
    "interested": timedelta(0),
    "send_info": timedelta(0),
    "not_now": timedelta(days=30),
    "refusal": timedelta(days=180),
}

_STATE_OF_HANDOFF: Final[dict[str, LeadState]] = {
    "offered": "handed_over",
    "accepted": "at_closing",
    "returned": "returned",
    "withdrawn": "returned",
    "nurtured": "returned",
}


@dataclass(frozen=True, slots=True)
class Signal:
    """The lead stirred at `at`: it came in, asked again, or replied. Somebody should act on it from `due_at` on."""

    at: datetime
    due_at: datetime
    rank: int


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """`rank` lowest first; not to be given out before `next_contact_at`."""

    rank: int
    next_contact_at: datetime


def lead_state(
    *, worked: bool, handoff_states: Sequence[str], is_client: bool, is_lost: bool, is_erased: bool = False
) -> LeadState:
    """The state. `handoff_states` oldest first; a client stays one even when a later deal is lost.

    A handoff that is offered or accepted stands, although one that was given back is dated after it.
    """
    if is_erased:
        return "erased"
    if is_client:
        return "client"
    if is_lost:
        return "lost"
    if handoff_states:
        held = [state for state in handoff_states if state in HELD_STATES]
        return _STATE_OF_HANDOFF[(held or handoff_states)[-1]]
    return "in_work" if worked else "new"


def inquiry_signal(*, at: datetime, mechanics: str) -> Signal:
    """A lead that comes in, or asks again. A warm one wants an answer at once, before all others."""
    return Signal(at=at, due_at=at, rank=RANK_WARM if mechanics == "warm" else RANK_UNTOUCHED)


def reply_signal(*, at: datetime, kind: str) -> Signal:
    """A reply; when to get back to it depends on its kind."""
    return Signal(at=at, due_at=at + CALL_BACK_AFTER[kind], rank=RANK_ANSWER_DUE)


def nurture_signal(*, at: datetime, resume_at: datetime) -> Signal:
    """A lead that closing gave back; somebody should call it from the day that was agreed on."""
    return Signal(at=at, due_at=resume_at, rank=RANK_ANSWER_DUE)


def queue_place(*, signals: Iterable[Signal], worked_at: datetime | None, registered_at: datetime) -> QueuePlace:
    """Where the lead stands in the queue.

    What stirred after the last touch or call still waits for somebody: the latest such signal says from when, the most
    urgent one says how urgent. A lead with nothing waiting comes again after a rest.
    """
    waiting = [signal for signal in signals if worked_at is None or signal.at > worked_at]
    if not waiting:
        return QueuePlace(RANK_UNTOUCHED, registered_at if worked_at is None else worked_at + REST_AFTER_WORK)
    latest = max(waiting, key=lambda signal: (signal.at, signal.due_at))
    return QueuePlace(min(signal.rank for signal in waiting), latest.due_at)
