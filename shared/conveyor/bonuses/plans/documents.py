"""Plan documents: what one version of a role's plan pays, as closed typed values.

A document is immutable once published. Rates are decimal strings (`"0.03"` is 3 %), money is wire money. A component
kind is added by adding a model here and its function in the engine; a document never contains a formula.
"""

from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from conveyor.bonuses.engine.facts import WithdrawalKind, WorkKind
from conveyor.contracts.values import PositiveMoney

ComponentCode = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
PlanCode = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z0-9-]*$")]
PlanRole = Literal["sdr", "ae", "am"]
Months = Annotated[int, Field(strict=True, ge=0, le=1200)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class InvalidPlan(ValueError):
    """A plan document contradicts itself; the message says where."""


def _only_text_or_date(value: object) -> object:
    if not isinstance(value, (str, date)):
        msg = "a date must be text like 2025-01-01"
        raise InvalidPlan(msg)
    return value


PlanDay = Annotated[date, BeforeValidator(_only_text_or_date)]


def _rate_in_range(value: object) -> object:
    if isinstance(value, str) and _is_plain_decimal(value) and not 0 < Fraction(value) <= 1:
        msg = "a rate must be above 0 and at most 1 (0.03 is 3 %)"
        raise InvalidPlan(msg)
    return value


def _is_plain_decimal(value: str) -> bool:
    whole, dot, decimals = value.partition(".")
    return value.isascii() and whole.isdigit() and (decimals.isdigit() if dot else True)


RateText = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[01](\.[0-9]{1,8})?$"),
    BeforeValidator(_rate_in_range),
]


class PlanValue(BaseModel):
    """A frozen part of a plan document: unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PerFact(PlanValue):
    """A fixed sum for each fact. Without `gated_by` a line per fact at once; with it one line per month at closing."""

    kind: Literal["per_fact"] = "per_fact"
    code: ComponentCode
    fact: WorkKind
    amount: PositiveMoney
    gated_by: ComponentCode | None = None
    withdrawn_by: tuple[WithdrawalKind, ...] = ()


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
    """`rate` of each selected payment, gross; at most `cap_per_client` over all payments of one client."""

    kind: Literal["percent_of_payment"] = "percent_of_payment"
    code: ComponentCode
    rate: RateText
    selector: PaymentSelector
    base: Literal["gross"] = "gross"
    cap_per_client: PositiveMoney | None = None

    @cached_property
    def exact_rate(self) -> Fraction:
        """The rate as an exact number."""
        return Fraction(self.rate)


class PeriodBonus(PlanValue):
    """A flat sum per client whose payments of the period, net of refunds made in it, reach the threshold.

    The client must be older than `client_older_than_months` at the period's end. Paid at closing to the client's owner
    at the period's last instant.
    """

    kind: Literal["period_bonus"] = "period_bonus"
    code: ComponentCode
    period: Literal["month", "quarter"]
    measure: Literal["sum_of_payments"] = "sum_of_payments"
    per: Literal["client"] = "client"
    client_older_than_months: Months = 0
    threshold: PositiveMoney
    amount: PositiveMoney

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if self.threshold.currency != self.amount.currency:
            msg = "threshold and amount must be in one currency"
            raise InvalidPlan(msg)
        return self


class KpiGate(PlanValue):
    """Components that name this gate pay in proportion to the norm reached, at most in full.

    Attainment = calls of at least `min_seconds` ÷ (`norm_per_working_day` × working days of the whole month).
    """

    kind: Literal["kpi_gate"] = "kpi_gate"
    code: ComponentCode
    fact: Literal["call"] = "call"
    min_seconds: Annotated[int, Field(strict=True, ge=0, le=86_400)]
    norm_per_working_day: Count
    mode: Literal["proportional"] = "proportional"
    ceiling_percent: Literal[100] = 100


Component = Annotated[PerFact | PercentOfPayment | PeriodBonus | KpiGate, Field(discriminator="kind")]


class PlanDocument(PlanValue):
    """One version of a role's plan, in force from `effective_from` (a first of a month) until the next version is.

    To derive another document validate a new one: `model_copy` checks nothing and keeps what was computed of the old.
    """

    code: PlanCode
    role: PlanRole
    version: Count
    effective_from: PlanDay
    components: Annotated[tuple[Component, ...], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.effective_from.day != 1:
            msg = "effective_from must be the first day of a month"
            raise InvalidPlan(msg)
        codes = [component.code for component in self.components]
        if len(codes) != len(set(codes)):
            msg = "component codes must be unique"
            raise InvalidPlan(msg)
        gates = {component.code for component in self.components if component.kind == "kpi_gate"}
        for component in self.per_fact:
            if component.gated_by is not None and component.gated_by not in gates:
                msg = f"{component.code} names a gate that is not in the plan: {component.gated_by}"
                raise InvalidPlan(msg)
        return self

    @cached_property
    def per_fact(self) -> tuple[PerFact, ...]:
        """Its components of this kind, in the document's order."""
        return tuple(component for component in self.components if isinstance(component, PerFact))

    @cached_property
    def percent_of_payment(self) -> tuple[PercentOfPayment, ...]:
        """Its components of this kind, in the document's order."""
        return tuple(component for component in self.components if isinstance(component, PercentOfPayment))

    @cached_property
    def period_bonuses(self) -> tuple[PeriodBonus, ...]:
        """Its components of this kind, in the document's order."""
        return tuple(component for component in self.components if isinstance(component, PeriodBonus))

    @cached_property
    def paying_months(self) -> tuple[Literal["first", "second", "any"], ...]:
        """Which paying months its percentages pay, each once."""
        selectors = [item.selector for item in self.percent_of_payment]
        paid = {item.which for item in selectors if isinstance(item, PayingMonthSelector)}
        order: tuple[Literal["first", "second", "any"], ...] = ("first", "second", "any")
        return tuple(which for which in order if which in paid)

    def gate(self, code: str) -> KpiGate:
        """The gate of this code; the document was checked to have every gate that it names."""
        return next(item for item in self.components if isinstance(item, KpiGate) and item.code == code)
