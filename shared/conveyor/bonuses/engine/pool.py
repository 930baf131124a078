"""Everything that is computed for a person's month or quarter over several leads: gathered lead by lead, then told.

A pool keeps only what lies in its period. Its lines are made at the period's closing and carry causes of their own,
`in:2025-09/…`, so that a lead's evaluation and a person's never undo each other's lines. Order does not matter.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from conveyor.bonuses.engine.credit import Credited, Uncredited
from conveyor.bonuses.engine.credit_rules import credit_rule
from conveyor.bonuses.engine.deals import DealMatch
from conveyor.bonuses.engine.facts import LeadFacts, WorkFact
from conveyor.bonuses.engine.gated_parts import Attainment
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.norms import Norms, Period, last_month_of, months_of
from conveyor.bonuses.engine.plan_book import PlanBook
from conveyor.bonuses.engine.pool_share import Factor
from conveyor.bonuses.engine.ramp import ramp_step
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.engine.settlement import SettledPayment, SettledRefund
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.values import PeriodKind
from conveyor.kit.calendar import BusinessCalendar, Month


@dataclass(frozen=True, slots=True)
class PooledPayment:
    """A payment that credits somebody and was made, or of which something was refunded, in the period."""

    view: LeadView
    settled: SettledPayment
    deal: DealMatch | None
    credited: Credited
    paid_here: bool
    refunds_here: tuple[SettledRefund, ...]


class PeriodPool:
    """One month or quarter of a department's people, of one role."""

    def __init__(
        self,
        period: Period,
        *,
        book: PlanBook,
        roster: Roster,
        calendar: BusinessCalendar,
        norms: Norms,
        currency: str,
    ) -> None:
        self.period = period
        self.kind: PeriodKind = "month" if isinstance(period, Month) else "quarter"
        self.book = book
        self.roster = roster
        self.calendar = calendar
        self.norms = norms
        self.currency = currency
        self.last_day: date = last_month_of(period).last_day
        self.starts_at = calendar.start_of(months_of(period)[0].first_day)
        self.ends_at = calendar.end_of_month(last_month_of(period))
        self.payments: defaultdict[UUID, list[PooledPayment]] = defaultdict(list)
        self.work: defaultdict[UUID, list[tuple[LeadView, WorkFact]]] = defaultdict(list)

    def add(self, facts: LeadFacts) -> None:
        """One lead; each lead once."""
        view = LeadView(facts, self.calendar)
        rule = credit_rule(view, book=self.book, roster=self.roster)
        for settled, deal in view.matched_payments:
            paid_here = self.holds(settled.payment.paid_at)
            refunds = tuple(refund for refund in settled.refunds if self.holds(refund.counts_at))
            if not paid_here and not refunds:
                continue
            credited = rule(settled, deal)
            if not isinstance(credited, Uncredited):
                found = PooledPayment(view, settled, deal, credited, paid_here, refunds)
                self.payments[credited.employee_id].append(found)
        for work in view.work:
            if work.occurred_at < self.ends_at:
                self.work[work.employee_id].append((view, work))

    def people(self) -> list[UUID]:
        """Everybody with something in the pool, in an order that does not depend on it."""
        return sorted(self.payments.keys() | self.work.keys(), key=str)

    def payments_of(self, employee_ids: Iterable[UUID]) -> list[PooledPayment]:
        """Their payments in the order (paid_at, payment id)."""
        found = [item for employee_id in sorted(employee_ids, key=str) for item in self.payments.get(employee_id, ())]
        return sorted(found, key=lambda item: _payment_order(item.settled))

    def work_of(self, employee_ids: Iterable[UUID]) -> list[tuple[LeadView, WorkFact]]:
        """Their work in order."""
        found = [item for employee_id in sorted(employee_ids, key=str) for item in self.work.get(employee_id, ())]
        return sorted(found, key=lambda item: (item[1].occurred_at, item[1].kind, str(item[1].fact_id)))

    def holds(self, instant: datetime) -> bool:
        """Whether the instant lies in the period."""
        return self.starts_at <= instant < self.ends_at

    def factor(self, document: PlanDocument, gated_by: str | None, employee_id: UUID, day: date) -> Factor:
        """What multiplies before rounding: the gate's share of the whole period, the ramp's of the day."""
        step = ramp_step(document, employee_id, day, roster=self.roster)
        pays = step.pays_percent if step else 100
        if gated_by is None:
            return Factor(None, pays)
        gate = document.gate(gated_by)
        working_days = sum(self.calendar.working_days(month) for month in months_of(self.period))
        calls = self.norms.calls_at_least(employee_id, self.period, seconds=gate.min_seconds)
        asked = ramp_step(document, employee_id, self.last_day, roster=self.roster)
        return Factor(Attainment(gate, calls, working_days, asked.quota_percent if asked else 100), pays)


def _payment_order(settled: SettledPayment) -> tuple[datetime, str, str]:
    payment = settled.payment
    return (payment.paid_at, payment.payment_id, payment.source)
