"""Refusals of reviewing and closing a month."""

from conveyor.kit.refusals import Refusal


class PeriodNotEnded(Refusal):
    """Only a month that has ended can be reviewed or closed."""


class PeriodAlreadyClosed(Refusal):
    """This month is closed already; closing is for good."""


class EarlierPeriodsOpen(Refusal):
    """Months close in order: close the earlier ones that have something in them first."""


class PeriodAlreadyInReview(Refusal):
    """This month is in review already."""


class NotCaughtUp(Refusal):
    """This service has not read all facts yet; try again in a moment."""


class ClosedOtherwise(Refusal):
    """In a replay the month came to other totals than it was closed with; look at what was heard in another order."""
