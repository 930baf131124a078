"""Modifiers of components: tiers, limits of a period, ramp, split, holdback, clawback. Intervals are half-open."""

from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from conveyor.bonuses.plans.values import BoundText, Count, Days, InvalidPlan, Months, Percent, PeriodKind, PlanValue
from conveyor.bonuses.plans.values import RateText as Rate
from conveyor.contracts.values import PositiveMoney


class Tier(PlanValue):
    """What is paid where the measure lies in [from_value, until_value): a `rate` of it, or a sum (`amount`)."""

    from_value: BoundText = "0"
    until_value: BoundText | None = None
    rate: Rate | None = None
    amount: PositiveMoney | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.rate is None) == (self.amount is None):
            msg = "a tier has either a rate or an amount"
            raise InvalidPlan(msg)
        if self.until_value is not None and Fraction(self.until_value) <= Fraction(self.from_value):
            msg = "until_value must be above from_value"
            raise InvalidPlan(msg)
        return self

    @cached_property
    def starts(self) -> Fraction:
        """Where it begins, in the bound's unit."""
        return Fraction(self.from_value)

    @cached_property
    def ends(self) -> Fraction | None:
        """Where it ends; None: never."""
        return None if self.until_value is None else Fraction(self.until_value)

    @cached_property
    def exact_rate(self) -> Fraction:
        """The rate; zero for a tier of sums."""
        return Fraction(self.rate or 0)


Tiers = Annotated[tuple[Tier, ...], Field(min_length=1, max_length=50)]


class TierTable(PlanValue):
    """Tiers over a running sum or a measure of one period.

    `marginal`: each slice by its own tier. `whole`: everything by the tier that was reached. Bounds are money or counts
    (`value`), or percent of the employee's quota (`attainment`). Where two tiers overlap, the one that begins later
    counts, of two that begin together the later in the list; in a gap nothing is paid.
    """

    mode: Literal["marginal", "whole"]
    by: Literal["value", "attainment"] = "value"
    tiers: Tiers

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if len({tier.rate is None for tier in self.tiers}) > 1:
            msg = "tiers are all rates or all sums"
            raise InvalidPlan(msg)
        if len({tier.amount.currency for tier in self.tiers if tier.amount is not None}) > 1:
            msg = "tiers must be in one currency"
            raise InvalidPlan(msg)
        return self

    @property
    def of_rates(self) -> bool:
        """Whether its tiers are rates."""
        return self.tiers[0].rate is not None


class PeriodLimits(PlanValue):
    """Over all lines of the component in a month or quarter of one employee.

    `cap` and `cap_count` are filled by gross lines in order; `floor` tops the lines up at the period's end.
    """

    period: PeriodKind
    cap: PositiveMoney | None = None
    cap_count: Count | None = None
    floor: PositiveMoney | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        both = [money for money in (self.cap, self.floor) if money is not None]
        if len({money.currency for money in both}) > 1:
            msg = "cap and floor must be in one currency"
            raise InvalidPlan(msg)
        return self


class RampStep(PlanValue):
    """At [from_months, until_months) since the first working day: what a newcomer is paid and asked for, in percent."""

    from_months: Months = 0
    until_months: Months
    pays_percent: Percent = 100
    quota_percent: Percent = 100


class SplitPart(PlanValue):
    """A share of the line for who is credited, for the first who owned it, or for the one before the credited."""

    who: Literal["credited", "first", "previous"]
    weight: Count


class Holdback(PlanValue):
    """`percent` of a line is credited later: after `days`, or when the client's n-th payment (`payments`) came."""

    percent: Annotated[int, Field(strict=True, ge=1, le=100)] = 100
    days: Days | None = None
    payments: Count | None = None
    contract_signed: bool = False

    @model_validator(mode="after")
    def _until_one_thing(self) -> Self:
        if [self.days is not None, self.payments is not None, self.contract_signed].count(True) != 1:
            msg = "a holdback ends by exactly one of days, payments, contract_signed"
            raise InvalidPlan(msg)
        return self


class Clawback(PlanValue):
    """Refunds later than `within_days` after the payment take nothing back; with `linear` less each day until then."""

    within_days: Days
    decay: Literal["none", "linear"] = "none"


class GateStep(PlanValue):
    """From this attainment on the gate lets this share through, in percent."""

    from_percent: Percent
    pays_percent: Annotated[int, Field(strict=True, ge=0, le=300)]
