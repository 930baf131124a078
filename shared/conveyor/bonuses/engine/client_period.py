"""One client in one month or quarter: what was paid and given back in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.settlement import SettledPayment, SettledRefund
from conveyor.kit.calendar import Month, Quarter
from conveyor.kit.money import Money


@dataclass(frozen=True, slots=True)
class PeriodMeasure:
    """What was paid and given back in the period, in one currency."""

    payments: tuple[SettledPayment, ...]
    refunds: tuple[SettledRefund, ...]
    currency: str

    @property
    def net(self) -> Money:
        """Payments minus refunds."""
        paid = sum(settled.payment.amount.amount_minor for settled in self.payments)
        return Money(paid - sum(refund.counted_minor for refund in self.refunds), self.currency)


class ClientPeriod:
    """One client in one period."""

    def __init__(self, view: LeadView, period: Month | Quarter, *, currency: str) -> None:
        self.view = view
        self.period = period
        self.currency = currency
        self.kind: Literal["month", "quarter"] = "month" if isinstance(period, Month) else "quarter"
        first = period if isinstance(period, Month) else period.first_month
        last = period if isinstance(period, Month) else period.last_month
        self.starts_at: datetime = view.calendar.start_of(first.first_day)
        self.ends_at: datetime = view.calendar.end_of_month(last)

    def measure(self) -> PeriodMeasure:
        """Payments of the period, and refunds made in it of payments of any period."""
        own = [item for item in self.view.payments if item.payment.amount.currency == self.currency]
        paid = tuple(item for item in own if self._holds(item.payment.paid_at))
        refunded = tuple(refund for item in own for refund in item.refunds if self._holds(refund.counts_at))
        return PeriodMeasure(paid, refunded, self.currency)

    def _holds(self, instant: datetime) -> bool:
        return self.starts_at <= instant < self.ends_at
