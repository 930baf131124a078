"""In what unit the bounds of tiers are: major units of money, counts, or hundredths of a quota."""

from fractions import Fraction
from uuid import UUID

from conveyor.bonuses.engine.norms import QuotaFact
from conveyor.bonuses.engine.pool import PeriodPool
from conveyor.bonuses.engine.ramp import ramp_step
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.modifiers import TierTable
from conveyor.contracts.values import CURRENCY_DIGITS


def unit_of(
    pool: PeriodPool, employee_id: UUID, document: PlanDocument, table: TierTable | None, *, currency: str | None
) -> Fraction | None:
    """The unit in minor units of `currency` (None: in counts); None when the tiers need a quota and none was set."""
    if table is not None and table.by == "attainment":
        quota = quota_value(pool, employee_id, document, currency=currency)
        return quota / 100 if quota else None
    return Fraction(10 ** CURRENCY_DIGITS[currency]) if currency is not None else Fraction(1)


def quota_value(
    pool: PeriodPool, employee_id: UUID, document: PlanDocument, *, currency: str | None
) -> Fraction | None:
    """His quota of the period, of a newcomer the share that his ramp asks for at its end; None without one."""
    quota = pool.norms.quota(employee_id, pool.period)
    if quota is None:
        return None
    step = ramp_step(document, employee_id, pool.last_day, roster=pool.roster)
    return _in_full(quota, currency) * (step.quota_percent if step else 100) / 100


def _in_full(quota: QuotaFact, currency: str | None) -> Fraction:
    if currency is None:
        return Fraction(quota.count or 0)
    in_currency = quota.amount is not None and quota.amount.currency == currency
    return Fraction(quota.amount.amount_minor if quota.amount is not None and in_currency else 0)
