"""The kinds of components. A kind is added by adding a model here and its function in the engine."""

from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from conveyor.bonuses.engine.facts import WithdrawalKind, WorkKind
from conveyor.bonuses.plans.modifiers import Clawback, GateStep, Holdback, PeriodLimits, SplitPart, TierTable
from conveyor.bonuses.plans.values import (
    ComponentCode,
    ConfirmingKind,
    Count,
    InvalidPlan,
    Months,
    Percent,
    PeriodKind,
    PlanValue,
    RateText,
)
from conveyor.contracts.values import PositiveMoney
from conveyor.kit.money import Money


class PerFact(PlanValue):
    """A fixed sum for each fact. Without `gated_by` a line per fact at once; with it one line per month at closing.

    `confirmed_by`: it is credited on the day the last of these facts came. `times_ordinal`: the n-th of the period pays
    n times the sum, at most `at_most`. With `limits` the lines of the period are made at its closing.
    """

    kind: Literal["per_fact"] = "per_fact"
    code: ComponentCode
    fact: WorkKind
    amount: PositiveMoney
    gated_by: ComponentCode | None = None
    withdrawn_by: tuple[WithdrawalKind, ...] = ()
    confirmed_by: tuple[ConfirmingKind, ...] = ()
    times_ordinal: bool = False
    at_most: PositiveMoney | None = None
    limits: PeriodLimits | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.confirmed_by and self.fact != "meeting_booked":
            msg = "only a booked meeting can be confirmed"
            raise InvalidPlan(msg)
        if self.gated_by is not None and (self.limits is not None or self.times_ordinal or self.confirmed_by):
            msg = "a gated sum has no limits, no ordinal and no confirmation"
            raise InvalidPlan(msg)
        if self.times_ordinal and self.limits is None:
            msg = "times_ordinal counts within a period: give limits"
            raise InvalidPlan(msg)
        _one_currency(self.amount, self.at_most, *_limit_moneys(self.limits))
        return self


class PayingMonthSelector(PlanValue):
    """Payments of the deal's first paying month, of the calendar month after it, or of any paying month."""

    by: Literal["paying_month"] = "paying_month"
    which: Literal["first", "second", "any"]


class ClientAgeSelector(PlanValue):
    """Payments at client age [from_months, until_months); without `until_months` for ever."""

    by: Literal["client_age"] = "client_age"
    from_months: Months
    until_months: Months | None = None

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if self.until_months is not None and self.until_months <= self.from_months:
            msg = "until_months must be above from_months"
            raise InvalidPlan(msg)
        return self


PaymentSelector = Annotated[PayingMonthSelector | ClientAgeSelector, Field(discriminator="by")]


class PercentOfPayment(PlanValue):
    """A share of each selected payment: `rate`, or with `tiers` what the employee's running sum of the period reached.

    With `limits` (needed for tiers and for `gated_by`) the lines are made at the period's closing; else at once.
    """

    kind: Literal["percent_of_payment"] = "percent_of_payment"
    code: ComponentCode
    rate: RateText | None = None
    selector: PaymentSelector
    base: Literal["gross", "net_of_vat"] = "gross"
    cap_per_client: PositiveMoney | None = None
    tiers: TierTable | None = None
    limits: PeriodLimits | None = None
    gated_by: ComponentCode | None = None
    split: Annotated[tuple[SplitPart, ...], Field(max_length=3)] = ()
    holdback: Holdback | None = None
    clawback: Clawback | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.rate is None) == (self.tiers is None):
            msg = "a percentage has either a rate or tiers"
            raise InvalidPlan(msg)
        if self.tiers is not None and not self.tiers.of_rates:
            msg = "tiers of a percentage are rates"
            raise InvalidPlan(msg)
        if self.limits is None and (self.tiers is not None or self.gated_by is not None):
            msg = "tiers and a gate need the period in limits"
            raise InvalidPlan(msg)
        if self.limits is not None and (self.cap_per_client or self.split or self.holdback or self.limits.cap_count):
            msg = "a percentage with limits of a period has no cap per client, cap_count, split or holdback"
            raise InvalidPlan(msg)
        if len({part.who for part in self.split}) != len(self.split):
            msg = "a split names each person once"
            raise InvalidPlan(msg)
        return self

    @cached_property
    def exact_rate(self) -> Fraction:
        """The rate as an exact number."""
        return Fraction(self.rate or 0)


class PeriodBonus(PlanValue):
    """A sum for what was reached in a month or quarter: `amount`, `tiers`, or `amount` in proportion to the quota.

    Per client: paid to his owner at the period's last instant, over all his payments of the period, net of refunds made
    in it. Per employee: over what credits him; per chain: over what credits any of its people of the role, shared
    equally between them. The client must be older than `client_older_than_months` at the period's end.
    """

    kind: Literal["period_bonus"] = "period_bonus"
    code: ComponentCode
    period: PeriodKind
    measure: Literal["sum_of_payments", "count_of_facts", "distinct_clients"] = "sum_of_payments"
    fact: WorkKind | None = None
    confirmed_by: tuple[ConfirmingKind, ...] = ()
    per: Literal["client", "employee", "chain"] = "client"
    client_older_than_months: Months = 0
    threshold: PositiveMoney | None = None
    threshold_count: Count | None = None
    amount: PositiveMoney | None = None
    tiers: TierTable | None = None
    of_quota_up_to_percent: Percent | None = None
    gated_by: ComponentCode | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.threshold is not None and self.amount is not None and self.threshold.currency != self.amount.currency:
            msg = "threshold and amount must be in one currency"
            raise InvalidPlan(msg)
        if (self.amount is None) == (self.tiers is None):
            msg = "a period bonus has either an amount or tiers"
            raise InvalidPlan(msg)
        if self.per == "client" and (self.measure != "sum_of_payments" or self.amount is None or self.gated_by):
            msg = "per client a sum of payments pays an amount, without a gate"
            raise InvalidPlan(msg)
        if self.per == "client" and (self.threshold is None or self.of_quota_up_to_percent is not None):
            msg = "per client a threshold is needed, and there is no quota"
            raise InvalidPlan(msg)
        if (self.measure == "count_of_facts") != (self.fact is not None):
            msg = "a count of facts names the fact, another measure does not"
            raise InvalidPlan(msg)
        if self.tiers is not None and self.tiers.of_rates and self.measure != "sum_of_payments":
            msg = "rates are shares of a sum of payments"
            raise InvalidPlan(msg)
        if self.of_quota_up_to_percent is not None and self.amount is None:
            msg = "in proportion to the quota an amount is paid"
            raise InvalidPlan(msg)
        return self

    @property
    def client_terms(self) -> tuple[Money, Money]:
        """Threshold and sum of a bonus per client, which always has both."""
        if self.threshold is None or self.amount is None:
            msg = f"{self.code} is not paid per client"
            raise InvalidPlan(msg)
        return Money.from_wire(self.threshold), Money.from_wire(self.amount)


class KpiGate(PlanValue):
    """Components that name this gate pay by the norm reached.

    Attainment = calls of at least `min_seconds` ÷ (`norm_per_working_day` × working days of the whole month).
    `proportional`: that share, at most `ceiling_percent`. `off_below`: all from `opens_at_percent` on, else nothing.
    `steps`: the share of the highest step reached, below the first nothing.
    """

    kind: Literal["kpi_gate"] = "kpi_gate"
    code: ComponentCode
    fact: Literal["call"] = "call"
    min_seconds: Annotated[int, Field(strict=True, ge=0, le=86_400)]
    norm_per_working_day: Count
    mode: Literal["proportional", "off_below", "steps"] = "proportional"
    ceiling_percent: Annotated[int, Field(strict=True, ge=1, le=300)] = 100
    opens_at_percent: Percent | None = None
    steps: Annotated[tuple[GateStep, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.mode == "off_below") != (self.opens_at_percent is not None):
            msg = "opens_at_percent belongs to off_below"
            raise InvalidPlan(msg)
        if (self.mode == "steps") != bool(self.steps):
            msg = "steps belong to the mode steps"
            raise InvalidPlan(msg)
        return self


Component = Annotated[PerFact | PercentOfPayment | PeriodBonus | KpiGate, Field(discriminator="kind")]


def _limit_moneys(limits: PeriodLimits | None) -> tuple[PositiveMoney | None, PositiveMoney | None]:
    return (limits.cap, limits.floor) if limits is not None else (None, None)


def _one_currency(*moneys: PositiveMoney | None) -> None:
    if len({money.currency for money in moneys if money is not None}) > 1:
        msg = "all sums of a component must be in one currency"
        raise InvalidPlan(msg)
