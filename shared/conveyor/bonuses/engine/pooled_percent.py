"""Percentages over a person's period: tiers on the running sum, gate, cap and floor.

The running sum of a component is filled by the selected payments in the order (paid_at, payment id), gross of refunds;
a refund takes back its share of its payment's line, as everywhere, and frees neither tier nor cap.
"""

from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from conveyor.bonuses.engine.cap_filling import CapFilling
from conveyor.bonuses.engine.lines import Absence, Evaluation, Line, Said
from conveyor.bonuses.engine.payment_lines import base_minor, payment_lines
from conveyor.bonuses.engine.percent_reasons import PaymentReason
from conveyor.bonuses.engine.pool import PeriodPool, PooledPayment
from conveyor.bonuses.engine.pool_share import PoolShare, RatedAmounts
from conveyor.bonuses.engine.quota_units import unit_of
from conveyor.bonuses.engine.selection import NotSelected, why_not_selected
from conveyor.bonuses.engine.tiers import shares_of
from conveyor.bonuses.plans.documents import PercentOfPayment, PlanDocument
from conveyor.kit.money import Money


@dataclass(frozen=True, slots=True)
class _Selected:
    item: PooledPayment
    document: PlanDocument
    component: PercentOfPayment


def pooled_percentages(pool: PeriodPool, employee_id: UUID) -> Evaluation:
    """The lines of his payments of the period in components with limits of this period."""
    lines: list[Line] = []
    absences: list[Absence] = []
    groups: dict[tuple[str, str], list[_Selected]] = {}
    for item in pool.payments_of([employee_id]):
        document = pool.book.version_for(employee_id, item.settled.day) if item.paid_here else None
        for component in document.percent_of_payment if document else ():
            if document is None or component.limits is None or component.limits.period != pool.kind:
                continue
            miss = why_not_selected(
                component,
                item.settled,
                document=document,
                months=item.view.paying_months(item.deal.deal_id if item.deal else None),
                age=item.view.age,
                calendar=pool.calendar,
            )
            if miss is not None:
                absences.append(_absent(pool, item, component, miss))
                continue
            key = (component.code, item.settled.payment.amount.currency)
            groups.setdefault(key, []).append(_Selected(item, document, component))
    for selected in groups.values():
        found = _lines_of(pool, employee_id, selected)
        lines += found.lines
        absences += found.absences
    return Evaluation(tuple(lines), tuple(absences))


def _lines_of(pool: PeriodPool, employee_id: UUID, selected: list[_Selected]) -> Evaluation:
    lines: list[Line] = []
    absences: list[Absence] = []
    reached = sum(base_minor(each.component, each.item.settled.payment) for each in selected)
    running = filled = 0
    for each in selected:
        component, settled = each.component, each.item.settled
        before, running = running, running + base_minor(component, settled.payment)
        unit = unit_of(pool, employee_id, each.document, component.tiers, currency=settled.payment.amount.currency)
        if unit is None:
            absences.append(_absent(pool, each.item, component, _no_quota(pool)))
            continue
        cap = component.limits.cap if component.limits else None
        in_cap = cap is not None and cap.currency == settled.payment.amount.currency
        share = PoolShare(
            period=str(pool.period),
            before_minor=before,
            with_minor=running,
            rated_before=_rated(component, before, unit, reached),
            rated_with=_rated(component, running, unit, reached),
            factor=pool.factor(each.document, component.gated_by, employee_id, settled.day),
            cap_minor=Money.from_wire(cap).amount_minor if cap is not None and in_cap else None,
            filled_minor=filled,
        )
        filled += share.line_minor
        if share.line_minor <= 0:
            absences.append(_absent(pool, each.item, component, _nothing(share)))
            continue
        lines += payment_lines(_reason(pool, each, share), lead_id=each.item.view.lead_id)
    return Evaluation(tuple(lines), tuple(absences))


def _rated(component: PercentOfPayment, total: int, unit: Fraction, reached: int) -> RatedAmounts:
    if component.tiers is None:
        return ((Fraction(total), component.exact_rate),)
    shares = shares_of(component.tiers, Fraction(total), unit=unit, reached=Fraction(reached))
    return tuple((amount, tier.exact_rate) for amount, tier in shares)


def _reason(pool: PeriodPool, each: _Selected, share: PoolShare) -> PaymentReason:
    item = each.item
    return PaymentReason(
        role=pool.book.role,
        document=each.document,
        component=each.component,
        settled=item.settled,
        deal=item.deal,
        credited=item.credited,
        months=item.view.paying_months(item.deal.deal_id if item.deal else None),
        age=item.view.age,
        calendar=pool.calendar,
        cap_minor=None,
        filling=CapFilling(),
        filled_by=0,
        line_minor=share.line_minor,
        pool=share,
    )


def _nothing(share: PoolShare) -> NotSelected:
    if share.cap_minor is not None and share.filled_minor >= share.cap_minor:
        return NotSelected("cap_exhausted", Said(f"the cap of {share.period} is exhausted by earlier lines"))
    if share.factor.exact == 0:
        gate = share.factor.gate
        if gate is None:
            return NotSelected("ramp_pays_nothing", Said("in this month of the ramp nothing is paid"))
        text = f"the gate {gate.gate.code} stood at {gate.successful} of {gate.norm} calls in {share.period}"
        return NotSelected("gate_closed", Said(text, {"successful_calls": gate.successful, "norm": str(gate.norm)}))
    if not share.rated_with:
        return NotSelected("no_tier", Said("no tier of the component pays this part of the period's sum"))
    return NotSelected("rounds_to_zero", Said("the payment adds less than half a minor unit"))


def _no_quota(pool: PeriodPool) -> NotSelected:
    return NotSelected("no_quota", Said(f"no quota was set for {pool.period}", {"period": str(pool.period)}))


def _absent(pool: PeriodPool, item: PooledPayment, component: PercentOfPayment, miss: NotSelected) -> Absence:
    payment = item.settled.payment
    return Absence(
        role=pool.book.role,
        component=component.code,
        employee_id=item.credited.employee_id,
        lead_id=item.view.lead_id,
        cause=f"in:{pool.period}/payment:{payment.source}:{payment.payment_id}",
        cause_id=payment.payment_id,
        earned_on=item.settled.day,
        reason_code=miss.code,
        why=miss.why,
    )
