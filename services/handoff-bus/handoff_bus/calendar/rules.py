"""What a calendar may say. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from conveyor.contracts.values import CURRENCY_DIGITS
from conveyor.kit.refusals import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class CalendarTerms:
    """Zone, currency and working days from `effective_from` on. Weekdays are ISO."""

    effective_from: date
    zone: str
    currency: str
    working_weekdays: frozenset[int]
    holidays: frozenset[date] = frozenset()
    extra_working_days: frozenset[date] = frozenset()

    def as_lists(self) -> dict[str, Any]:
        """Its fields with sorted lists, as rows, facts and answers hold them."""
        return {
            "effective_from": self.effective_from,
            "zone": self.zone,
            "currency": self.currency,
            "working_weekdays": sorted(self.working_weekdays),
            "holidays": sorted(self.holidays),
            "extra_working_days": sorted(self.extra_working_days),
        }


# DESIGN, section 2: Monday to Friday, no holidays, until an admin says otherwise.
DEFAULT = CalendarTerms(
    effective_from=date(2000, 1, 1), zone="Europe/Moscow", currency="RUB", working_weekdays=frozenset({1, 2, 3, 4, 5})
)


def check(terms: CalendarTerms) -> None:
    """Raises Invalid naming every field that makes no sense."""
    errors = []
    if terms.zone not in available_timezones():
        errors.append(FieldError("/zone", "is not a zone of the tz database"))
    if terms.currency not in CURRENCY_DIGITS:
        errors.append(FieldError("/currency", "is not an ISO 4217 code"))
    if terms.holidays & terms.extra_working_days:
        errors.append(FieldError("/extra_working_days", "a day is either a holiday or a working day"))
    if errors:
        raise Invalid(errors=errors)
