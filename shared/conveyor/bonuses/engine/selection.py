"""Whether a percentage selects a payment: by paying month of its deal or by age of the client."""

from dataclasses import dataclass

from conveyor.bonuses.engine.client_age import ClientAge
from conveyor.bonuses.engine.explanation import JsonValue
from conveyor.bonuses.engine.lines import ReasonCode, Why
from conveyor.bonuses.engine.paying_months import PayingMonths
from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.bonuses.engine.wording import at, in_months, listed, month_name, ordinal
from conveyor.bonuses.plans.documents import ClientAgeSelector, PayingMonthSelector, PercentOfPayment, PlanDocument
from conveyor.kit.calendar import BusinessCalendar, Month


@dataclass(frozen=True, slots=True)
class NotSelected:
    """The component does not pay this payment, and why."""

    code: ReasonCode
    why: Why


def why_not_selected(
    component: PercentOfPayment,
    settled: SettledPayment,
    *,
    document: PlanDocument,
    months: PayingMonths,
    age: ClientAge,
    calendar: BusinessCalendar,
) -> NotSelected | None:
    """None when the component pays the payment."""
    selector = component.selector
    if isinstance(selector, PayingMonthSelector):
        if months.selects(selector.which, settled.month):
            return None
        other = OtherMonth(component.code, selector.which, settled.month, document, months)
        return NotSelected(other.code, other)
    if age.is_within(settled.wall, from_months=selector.from_months, until_months=selector.until_months):
        return None
    return NotSelected("other_client_age", OtherAge(component.code, selector, settled, age, calendar))


@dataclass(frozen=True, slots=True)
class OtherMonth:
    """The payment lies in a month that the component does not pay."""

    component: str
    which: str
    month: Month
    document: PlanDocument
    months: PayingMonths

    @property
    def code(self) -> ReasonCode:
        """What kind of month it is."""
        if self.months.ordinal(self.month) is None:
            return "month_wholly_refunded"
        if self.months.after_a_pause(self.month) and "second" in self.document.paying_months:
            return "pause_of_a_month"
        return "not_paying_month"

    @property
    def text(self) -> str:
        """Which paying month it is, and which ones the plan pays."""
        name = month_name(self.month)
        number = self.months.ordinal(self.month)
        if number is None:
            return f"everything paid in {name} was refunded; such a month is no paying month"
        if self.code == "pause_of_a_month":
            first = month_name(self.months.months[0])
            return (
                f"{name} is not the month after {first}, the first paying month; "
                "after a pause of a month there is no second payment"
            )
        said = f"{name} is the {ordinal(number)} paying month"
        paid = self.document.paying_months
        if any(self.months.selects(which, self.month) for which in paid):
            return f"{said}; {self.component} pays the {self.which}"
        return f"{said}; the plan pays {listed([f'the {which}' for which in paid])}"

    @property
    def details(self) -> dict[str, JsonValue]:
        """The month, its ordinal, all paying months of the deal, and those that the plan pays."""
        return {
            "month": str(self.month),
            "ordinal": self.months.ordinal(self.month),
            "paying_months": [str(month) for month in self.months.months],
            "paid": list(self.document.paying_months),
        }


@dataclass(frozen=True, slots=True)
class OtherAge:
    """The payment came at an age of the client that the component does not pay."""

    component: str
    selector: ClientAgeSelector
    settled: SettledPayment
    age: ClientAge
    calendar: BusinessCalendar

    @property
    def text(self) -> str:
        """How old the client was."""
        paid_at = at(self.settled.payment.paid_at, self.calendar)
        since = at(self._since.payment.paid_at, self.calendar)
        compared, pays = ("younger than", "from then on") if self._too_young else ("already", "only before")
        months = in_months(self._months)
        return f"on {paid_at} the client was {compared} {months} old (since {since}); {self.component} pays {pays}"

    @property
    def details(self) -> dict[str, JsonValue]:
        """Since when he is a client, the age that decides, and when the payment came."""
        return {
            "client_since": self._since.payment.paid_at.isoformat(),
            "months": self._months,
            "at": self.settled.payment.paid_at.isoformat(),
        }

    @property
    def _since(self) -> SettledPayment:
        return self.age.start or self.settled

    @property
    def _too_young(self) -> bool:
        months = self.selector.from_months
        return months > 0 and self.settled.wall < self.age.limit(months)

    @property
    def _months(self) -> int:
        return self.selector.from_months if self._too_young else self.selector.until_months or 0
