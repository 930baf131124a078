"""What a period bonus measures, with the facts behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from conveyor.bonuses.engine.explanation import JsonValue
from conveyor.bonuses.engine.lines import Absence
from conveyor.bonuses.engine.per_fact import Withdrawals, credited_work
from conveyor.bonuses.engine.pool import PeriodPool, PooledPayment
from conveyor.bonuses.engine.work_reasons import CreditedWork, work_input
from conveyor.bonuses.plans.documents import PeriodBonus
from conveyor.kit.money import Money


@dataclass(frozen=True, slots=True)
class Measure:
    """A value: minor units of `currency`, or a count when that is None; `inputs` are the facts for an explanation."""

    value: int
    currency: str | None
    words: str
    inputs: tuple[dict[str, JsonValue], ...]

    def worded(self, value: int) -> str:
        """Another value of this measure, as people write it."""
        return str(value) if self.currency is None else f"{Money(value, self.currency).text} {self.currency}"


def measure_of(pool: PeriodPool, component: PeriodBonus, people: Sequence[UUID]) -> Measure:
    """The measure over what credits these people in the pool's period."""
    if component.measure == "count_of_facts":
        return _count(pool, component, people)
    found = [item for item in pool.payments_of(people) if _counts(pool, component, item)]
    if component.measure == "distinct_clients":
        return _clients(pool, found)
    paid = sum(item.settled.payment.amount.amount_minor for item in found if item.paid_here)
    refunded = sum(refund.counted_minor for item in found for refund in item.refunds_here)
    value = paid - refunded
    words = f"{Money(value, pool.currency).text} {pool.currency} paid net of refunds in {pool.period}"
    inputs = {
        "what": "payments_of_period",
        "period": str(pool.period),
        "paid_minor": paid,
        "refunded_minor": refunded,
        "payments": [_payment(item) for item in found],
    }
    return Measure(value, pool.currency, words, (inputs,))


def _clients(pool: PeriodPool, found: Sequence[PooledPayment]) -> Measure:
    net: dict[UUID, int] = {}
    for item in found:
        paid = item.settled.payment.amount.amount_minor if item.paid_here else 0
        refunded = sum(refund.counted_minor for refund in item.refunds_here)
        net[item.view.lead_id] = net.get(item.view.lead_id, 0) + paid - refunded
    leads = sorted(str(lead_id) for lead_id, minor in net.items() if minor > 0)
    inputs = {"what": "clients_of_period", "period": str(pool.period), "count": len(leads), "lead_ids": leads}
    return Measure(len(leads), None, f"{len(leads)} paying clients in {pool.period}", (inputs,))


def _count(pool: PeriodPool, component: PeriodBonus, people: Sequence[UUID]) -> Measure:
    counted: list[CreditedWork] = []
    for view, work in pool.work_of(people):
        if work.kind != component.fact:
            continue
        withdrawals = Withdrawals(view.withdrawals)
        found = credited_work(view, work, component, withdrawals=withdrawals, book=pool.book)
        if not isinstance(found, Absence) and pool.holds(found.credited_at):
            counted.append(found)
    inputs = {
        "what": "facts_of_period",
        "period": str(pool.period),
        "count": len(counted),
        "facts": [work_input(item.work, pool.calendar) for item in counted],
    }
    return Measure(len(counted), None, f"{len(counted)} × {component.fact} in {pool.period}", (inputs,))


def _counts(pool: PeriodPool, component: PeriodBonus, item: PooledPayment) -> bool:
    if item.settled.payment.amount.currency != pool.currency:
        return False
    months = component.client_older_than_months
    return not months or item.view.age.is_older(than_months=months, at=pool.ends_at, calendar=pool.calendar)


def _payment(item: PooledPayment) -> dict[str, JsonValue]:
    payment = item.settled.payment
    return {
        "payment_id": payment.payment_id,
        "source": payment.source,
        "lead_id": str(item.view.lead_id),
        "fact_id": str(payment.fact_id),
        "delivery_id": str(payment.delivery_id) if payment.delivery_id else None,
        "paid_at": payment.paid_at.isoformat(),
        "amount_minor": payment.amount.amount_minor if item.paid_here else 0,
        "refunds": [
            {"refund_id": refund.refund.refund_id, "counted_minor": refund.counted_minor}
            for refund in item.refunds_here
        ],
    }
