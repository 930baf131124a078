"""English words for reasons: ordinals, months, times on the department's wall clock."""

from collections.abc import Sequence
from datetime import datetime

from conveyor.kit.calendar import BusinessCalendar, Month

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WITHDRAWALS = {
    "meeting_cancelled": "meeting cancelled",
    "meeting_missed": "meeting missed",
    "handoff_returned": "handoff returned",
}
_REASONS = {
    "not_decision_maker": "not the decision maker",
    "no_need": "no need",
    "no_budget": "no budget",
    "wrong_segment": "wrong segment",
    "client_cancelled": "the client cancelled",
    "we_cancelled": "we cancelled",
}


def ordinal(number: int) -> str:
    """`third`; from eleven on `11.`."""
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}."


def in_months(number: int) -> str:
    """`three months`."""
    words = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{words} month" if number == 1 else f"{words} months"


def month_name(month: Month) -> str:
    """`November`."""
    return _MONTHS[month.month - 1]


def at(instant: datetime, calendar: BusinessCalendar) -> str:
    """`2025-09-22 12:00` on the department's wall clock; seconds only when there are any."""
    local = calendar.local(instant).replace(tzinfo=None)
    return local.isoformat(" ", "minutes" if not (local.second or local.microsecond) else "auto")


def listed(items: Sequence[str]) -> str:
    """`the first and the second`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def withdrawal(kind: str, reason: str | None, day: str) -> str:
    """`handoff returned on 2025-09-16: not the decision maker`."""
    said = f"{_WITHDRAWALS[kind]} on {day}"
    return said if reason is None else f"{said}: {_REASONS.get(reason, reason.replace('_', ' '))}"
