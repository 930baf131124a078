"""Period bonuses per employee and per chain: a measure of the period against threshold, tiers or quota.

A sum of payments is net of refunds made in the period, whenever the payment was, and counts for whom the payment
credits; a chain's is that of all its people of the role and what it pays is shared equally between them, largest
remainder, in the order of payroll numbers. The plan is the one of the period's last day.
"""

from collections.abc import Sequence
from fractions import Fraction
from uuid import UUID

from conveyor.bonuses.engine.lines import Absence, Evaluation, Line, ReasonCode, Said
from conveyor.bonuses.engine.measures import Measure, measure_of
from conveyor.bonuses.engine.pool import PeriodPool
from conveyor.bonuses.engine.pooled_bonus_reasons import PooledBonusReason
from conveyor.bonuses.engine.quota_units import quota_value, unit_of
from conveyor.bonuses.engine.shares import Share
from conveyor.bonuses.engine.tiers import shares_of, sums_reached
from conveyor.bonuses.plans.documents import PeriodBonus, PlanDocument
from conveyor.kit.money import Money


def pooled_bonuses(pool: PeriodPool, employee_id: UUID) -> Evaluation:
    """The lines of his period in components per employee and per chain."""
    document = pool.book.version_for(employee_id, pool.last_day)
    lines: list[Line] = []
    absences: list[Absence] = []
    for component in document.period_bonuses if document else ():
        if document is None or component.per == "client" or component.period != pool.kind:
            continue
        people = _people(pool, employee_id, component)
        if employee_id not in people:
            said = Said(f"he worked in no chain on {pool.last_day.isoformat()}")
            absences.append(_absent(pool, employee_id, component, "not_in_a_chain", said))
            continue
        found = _evaluated(pool, employee_id, document, component, people)
        if isinstance(found, Line):
            lines.append(found)
        else:
            absences.append(found)
    return Evaluation(tuple(lines), tuple(absences))


def _people(pool: PeriodPool, employee_id: UUID, component: PeriodBonus) -> list[UUID]:
    if component.per == "employee":
        return [employee_id]
    chain = pool.norms.chain_of(employee_id, pool.last_day)
    of_role = [member for member in chain if _counts(pool, member)]
    return sorted(of_role, key=lambda member: (pool.roster.payroll_number(member), str(member)))


def _counts(pool: PeriodPool, employee_id: UUID) -> bool:
    employee = pool.roster.find(employee_id)
    if employee is None or employee.role != pool.book.role or employee.hired_on > pool.last_day:
        return False
    return employee.left_on is None or employee.left_on > pool.last_day


def _evaluated(
    pool: PeriodPool, employee_id: UUID, document: PlanDocument, component: PeriodBonus, people: Sequence[UUID]
) -> Line | Absence:
    measure = measure_of(pool, component, people)
    missing = _below_threshold(component, measure)
    if missing is not None:
        return _absent(pool, employee_id, component, "below_threshold", missing)
    reason = _reason(pool, employee_id, document, component, measure, people)
    if isinstance(reason, Said):
        return _absent(pool, employee_id, component, "no_quota", reason)
    if reason.line_minor > 0:
        return _line(pool, employee_id, document, component, reason)
    code, text = _why_nothing(pool, reason)
    return _absent(pool, employee_id, component, code, Said(text, {"value": str(measure.value)}))


def _below_threshold(component: PeriodBonus, measure: Measure) -> Said | None:
    if component.threshold is not None and measure.currency is not None:
        in_currency = component.threshold.currency == measure.currency
        threshold = Money.from_wire(component.threshold).amount_minor if in_currency else None
    else:
        threshold = component.threshold_count
    if threshold is None or measure.value >= threshold:
        return None
    text = f"{measure.words} is below the threshold of {measure.worded(threshold)}"
    return Said(text, {"value": measure.value, "threshold": threshold})


def _reason(  # noqa: PLR0917 - the parts of one evaluation, private to this file
    pool: PeriodPool,
    employee_id: UUID,
    document: PlanDocument,
    component: PeriodBonus,
    measure: Measure,
    people: Sequence[UUID],
) -> PooledBonusReason | Said:
    value = Fraction(max(0, measure.value))
    quota = quota_value(pool, employee_id, document, currency=measure.currency)
    no_quota = Said(f"no quota was set for {pool.period}", {"period": str(pool.period)})
    paid: tuple[tuple[Fraction, Fraction], ...]
    if component.tiers is not None:
        unit = unit_of(pool, employee_id, document, component.tiers, currency=measure.currency)
        if unit is None:
            return no_quota
        if component.tiers.of_rates:
            shares = shares_of(component.tiers, value, unit=unit, reached=value)
            paid = tuple((amount, tier.exact_rate) for amount, tier in shares)
        else:
            sums = sums_reached(component.tiers, value, unit=unit)
            paid = tuple((Fraction(1), Fraction(amount)) for _, amount in sums)
    else:
        amount = Fraction(Money.from_wire(component.amount).amount_minor if component.amount else 0)
        share = Fraction(1)
        if component.of_quota_up_to_percent is not None:
            if not quota:
                return no_quota
            share = min(value / quota, Fraction(component.of_quota_up_to_percent, 100))
        paid = ((share, amount),)
    factor = pool.factor(document, component.gated_by, employee_id, pool.last_day)
    reason = PooledBonusReason(pool, document, component, measure, paid, quota, factor, None)
    if component.per == "chain":
        share_of_his = Share("chain", (1,) * len(people), list(people).index(employee_id), reason.whole_minor)
        return PooledBonusReason(pool, document, component, measure, paid, quota, factor, share_of_his)
    return reason


def _why_nothing(pool: PeriodPool, reason: PooledBonusReason) -> tuple[ReasonCode, str]:
    gate = reason.factor.gate
    if gate is not None and gate.share == 0:
        return "gate_closed", f"the gate {gate.gate.code} stood at {gate.successful} of {gate.norm} in {pool.period}"
    if not reason.paid:
        return "no_tier", f"{reason.measure.words} lies in no tier of the component"
    return "rounds_to_zero", f"{reason.measure.words} pays less than half a minor unit"


def _line(
    pool: PeriodPool, employee_id: UUID, document: PlanDocument, component: PeriodBonus, reason: PooledBonusReason
) -> Line:
    return Line(
        role=document.role,
        component=component.code,
        plan_code=document.code,
        plan_version=document.version,
        employee_id=employee_id,
        lead_id=None,
        cause=f"in:{pool.period}/period",
        cause_id=str(pool.period),
        earned_on=pool.last_day,
        amount=Money(reason.line_minor, reason.currency),
        timing="at_close",
        reason=reason,
    )


def _absent(pool: PeriodPool, employee_id: UUID, component: PeriodBonus, code: ReasonCode, why: Said) -> Absence:
    return Absence(
        role=pool.book.role,
        component=component.code,
        employee_id=employee_id,
        lead_id=None,
        cause=f"in:{pool.period}/period",
        cause_id=str(pool.period),
        earned_on=pool.last_day,
        reason_code=code,
        why=why,
    )
