"""What may be done with a booked meeting. Pure."""

from datetime import datetime
from typing import Literal

from conveyor.kit.refusals import Invalid, Refusal

MeetingState = Literal["booked", "cancelled", "held", "missed"]


class MeetingAlreadyCancelled(Refusal):
    """The meeting was cancelled before."""


class MeetingAlreadyOver(Refusal):
    """Closing said that the meeting was held or missed; it cannot be cancelled any more."""


def meeting_state(*, cancelled: bool, outcome: str | None) -> MeetingState:
    """The state; what closing said of the meeting weighs more than a cancellation."""
    if outcome == "held":
        return "held"
    if outcome == "missed":
        return "missed"
    return "cancelled" if cancelled else "booked"


def check_starts_later(*, starts_at: datetime, booked_at: datetime) -> None:
    """Raises Invalid at `/starts_at` unless the meeting lies after the moment it was booked."""
    if starts_at <= booked_at:
        raise Invalid.field(pointer="/starts_at", message="must lie after the moment the meeting was booked")


def check_may_cancel(*, cancelled: bool, outcome: str | None) -> None:
    """Raises MeetingAlreadyCancelled or MeetingAlreadyOver."""
    if outcome is not None:
        raise MeetingAlreadyOver
    if cancelled:
        raise MeetingAlreadyCancelled


def check_cancelled_after_booking(*, cancelled_at: datetime, booked_at: datetime) -> None:
    """Raises Invalid at `/occurred_at` for a cancellation dated before the booking."""
    if cancelled_at < booked_at:
        raise Invalid.field(pointer="/occurred_at", message="must not lie before the moment the meeting was booked")
