"""What may become of a deal. Pure: no clock, no I/O. States: open → won by its first contract | lost."""

from datetime import datetime

from conveyor.kit.refusals import Invalid, Refusal


class DealAlreadyWon(Refusal):
    """This deal was won already: it has a contract."""


class DealAlreadyLost(Refusal):
    """This deal was lost already."""


def refuse_loss(state: str) -> None:
    """Only an open deal can be lost."""
    if state == "won":
        raise DealAlreadyWon
    refuse_if_lost(state)


def refuse_before_opening(*, at: datetime, opened_at: datetime) -> None:
    """Nothing ends or comes back that was not taken yet (both in business time)."""
    if at < opened_at:
        raise Invalid.field(pointer="/occurred_at", message="earlier than the deal")


def refuse_if_lost(state: str) -> None:
    """A lost deal gets no contract and no meeting any more."""
    if state == "lost":
        raise DealAlreadyLost
