"""When a deal may go back to nurture. Pure."""

from datetime import date, timedelta
from typing import Final

from conveyor.kit.refusals import Invalid, Refusal

LONGEST: Final = timedelta(days=3 * 366)


class NotFromTelemarketing(Refusal):
    """The deal did not come from telemarketing: it is a client's, who stays with account."""


class NurtureStillOffered(Refusal):
    """Another deal of this lead was offered back to telemarketing and has no answer yet."""


def refuse_unless_from_telemarketing(from_stage: str) -> None:
    """Only telemarketing's leads go back there; an upsell ends as a loss."""
    if from_stage != "telemarketing":
        raise NotFromTelemarketing


def check_until(*, until: date, today: date) -> None:
    """A day ahead, and not further than anybody plans."""
    if not today < until <= today + LONGEST:
        raise Invalid.field(pointer="/until", message="must be a day ahead, within three years")
