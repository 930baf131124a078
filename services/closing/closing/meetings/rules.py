"""What may become of a meeting. Pure. States: planned → held | missed | cancelled."""

from collections.abc import Iterable
from datetime import datetime

from conveyor.kit.refusals import Invalid, Refusal


class MeetingOutcomeAlreadyRecorded(Refusal):
    """The outcome of this meeting was recorded already."""


class MeetingWasCancelled(Refusal):
    """This meeting was cancelled; book another one."""


class MeetingStillPlanned(Refusal):
    """The deal has a planned meeting; record its outcome first."""


def refuse_outcome(state: str) -> None:
    """A meeting has one outcome, and a cancelled one has none."""
    if state == "cancelled":
        raise MeetingWasCancelled
    if state != "planned":
        raise MeetingOutcomeAlreadyRecorded


def refuse_outcome_before_booking(*, occurred_at: datetime, booked_at: datetime) -> None:
    """Nothing comes of a meeting before it was booked."""
    if occurred_at < booked_at:
        raise Invalid.field(pointer="/occurred_at", message="earlier than the booking")


def refuse_booking(*, states: Iterable[str], starts_at: datetime, booked_at: datetime) -> None:
    """One meeting is planned at a time, and it lies ahead of its booking."""
    if starts_at <= booked_at:
        raise Invalid.field(pointer="/starts_at", message="must lie after the booking")
    if "planned" in set(states):
        raise MeetingStillPlanned
