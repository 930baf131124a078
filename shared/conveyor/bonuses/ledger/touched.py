"""Which lines news of a lead may have changed, judged by what was read of it. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conveyor.bonuses.engine.client_age import ClientAge
from conveyor.bonuses.engine.facts import Identity, LeadFacts
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.paying_months import PayingMonths
from conveyor.bonuses.engine.settlement import SettledPayment, settle
from conveyor.bonuses.facts.neighbours import Fresh, Neighbourhood, Stretch
from conveyor.bonuses.ledger.reach import Reach
from conveyor.bonuses.plans.terms import Terms
from conveyor.kit.calendar import Month


@dataclass(frozen=True, slots=True)
class Touched:
    """A lead as it is now, and the causes whose lines the news may have changed."""

    view: LeadView
    causes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judging:
    """What the news of a lead may have changed: `of` gives None when that cannot be said without all payments.

    A stretch says which months must be read whole before it can be said.
    """

    terms: Terms
    reach: Reach
    closed_through: Month | None

    def of(self, near: Neighbourhood) -> Touched | Stretch | None:
        """What was touched in this lead."""
        calendar = self.terms.calendar
        after = LeadView(near.after, calendar)
        if near.complete and not self._closed_matters:
            return Touched(after, _causes_in(near.after))
        before = settle(payments=near.before.payments, refunds=near.before.refunds, calendar=calendar).payments
        news = [settled for settled in after.payments if _is_news(settled, near.fresh)]
        begins_as_before = not before or _beginning(ClientAge(before)) == _beginning(after.age)
        if self._closed_matters and not (begins_as_before and self._in_open_months(news)):
            return None
        if near.complete:
            return Touched(after, _causes_in(near.after))
        return self._of_incomplete(near, after, before, news) if begins_as_before else None

    def _of_incomplete(
        self, near: Neighbourhood, after: LeadView, before: Sequence[SettledPayment], news: Sequence[SettledPayment]
    ) -> Touched | Stretch | None:
        months = {settled.month for settled in news}
        if self.reach.by_month:
            # A payment that was not read was never refunded: its month is a paying one.
            first = PayingMonths(after.payments).months[0]
            if len(_deals_of(near.after)) > 1 or first != PayingMonths(before).months[0]:
                # Which deal a payment that was not read belongs to is not known.
                return None
            if min(months, default=first) <= first.plus(1):
                if not near.closer and (self.reach.capped or not self.reach.any_month):
                    calendar = self.terms.calendar
                    return Stretch(calendar.start_of(first.first_day), calendar.end_of_month(first.plus(1)))
                if self.reach.capped:
                    months |= {first, first.plus(1)}
        # A month that begins or ceases to be a paying one holds none but these and refunded ones, which were all read.
        return Touched(after, _causes([*news, *(each for each in after.payments if self._moves(each, months))]))

    def _moves(self, settled: SettledPayment, months: Collection[Month]) -> bool:
        return settled.month in months and (self.reach.capped or bool(settled.refunds))

    @property
    def _closed_matters(self) -> bool:
        return bool(self.terms.period_lengths) and self.closed_through is not None

    def _in_open_months(self, news: Iterable[SettledPayment]) -> bool:
        closed = self.closed_through
        month_of = self.terms.calendar.month_of
        return closed is None or all(month_of(at) > closed for settled in news for at in _instants(settled))


def _deals_of(facts: LeadFacts) -> set[UUID]:
    named = (item.deal_id for part in (facts.deals, facts.contracts, facts.acceptances) for item in part)
    return {deal_id for deal_id in named if deal_id is not None}


def _is_news(settled: SettledPayment, fresh: Fresh) -> bool:
    payment = settled.payment
    return f"{payment.source}/{payment.payment_id}" in fresh.payments or any(
        f"{item.refund.source}/{item.refund.refund_id}" in fresh.refunds for item in settled.refunds
    )


def _instants(settled: SettledPayment) -> Iterator[datetime]:
    yield settled.payment.paid_at
    yield from (item.counts_at for item in settled.refunds)


def _beginning(age: ClientAge) -> Identity | None:
    return age.start.payment.identity if age.start else None


def _causes_in(facts: LeadFacts) -> frozenset[str]:
    paid = (f"payment:{fact.source}:{fact.payment_id}" for fact in facts.payments)
    return frozenset(paid).union(f"refund:{fact.source}:{fact.refund_id}" for fact in facts.refunds)


def _causes(payments: Iterable[SettledPayment]) -> frozenset[str]:
    causes: set[str] = set()
    for settled in payments:
        causes.add(f"payment:{settled.payment.source}:{settled.payment.payment_id}")
        causes.update(f"refund:{item.refund.source}:{item.refund.refund_id}" for item in settled.refunds)
    return frozenset(causes)
