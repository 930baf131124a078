"""What an absence may be. Pure."""

from collections.abc import Iterable
from datetime import date

from conveyor.kit.refusals import Invalid, Refusal


class AlreadyAbsent(Refusal):
    """The employee is away on one of these days already."""


def check(*, from_on: date, until_on: date, others: Iterable[tuple[date, date]]) -> None:
    """At least a day, and no day twice; `others` are his absences that stand, as half-open days."""
    if until_on <= from_on:
        raise Invalid.field(pointer="/until", message="must lie after from: it is the day on which he is back")
    if any(begins < until_on and from_on < ends for begins, ends in others):
        raise AlreadyAbsent
