"""Plan documents: what one version of a role's plan pays, as closed typed values.

A document is immutable once published. Rates are decimal strings (`"0.03"` is 3 %), money is wire money. A component
kind is added by adding a model to `components.py` and its function in the engine; a document never contains a formula.
"""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from conveyor.bonuses.plans.components import (
    ClientAgeSelector,
    Component,
    KpiGate,
    PayingMonthSelector,
    PercentOfPayment,
    PerFact,
    PeriodBonus,
)
from conveyor.bonuses.plans.modifiers import RampStep
from conveyor.bonuses.plans.values import Count, InvalidPlan, PeriodKind, PlanCode, PlanDay, PlanRole, PlanValue

__all__ = [
    "ClientAgeSelector",
    "KpiGate",
    "PayingMonthSelector",
    "PerFact",
    "PercentOfPayment",
    "PeriodBonus",
    "PlanDocument",
    "PlanRole",
    "PlanTerms",
]


class PlanTerms(PlanValue):
    """What a version pays, from when; `ramp` eases newcomers in, `credit_protection_days` keep an SDR's claim."""

    effective_from: PlanDay
    components: Annotated[tuple[Component, ...], Field(min_length=1, max_length=200)]
    ramp: Annotated[tuple[RampStep, ...], Field(max_length=24)] = ()
    credit_protection_days: Annotated[int, Field(strict=True, ge=0, le=3660)] = 0

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
        for component in self.components:
            gate = None if component.kind == "kpi_gate" else component.gated_by
            if gate is not None and gate not in gates:
                msg = f"{component.code} names a gate that is not in the plan: {gate}"
                raise InvalidPlan(msg)
        return self


class PlanDocument(PlanTerms):
    """One version of a role's plan, in force from `effective_from` (a first of a month) until the next version is.

    To derive another document validate a new one: `model_copy` checks nothing and keeps what was computed of the old.
    """

    code: PlanCode
    role: PlanRole
    version: Count

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

    @cached_property
    def limited(self) -> tuple[PerFact | PercentOfPayment, ...]:
        """Its components that may have limits of a period."""
        return tuple(item for item in self.components if isinstance(item, PerFact | PercentOfPayment))

    @cached_property
    def pooled_kinds(self) -> frozenset[PeriodKind]:
        """The periods over which some component is computed for a person, not for a lead."""
        limited = [item.limits for item in self.limited]
        kinds = {limits.period for limits in limited if limits is not None}
        return frozenset(kinds | {item.period for item in self.period_bonuses if item.per != "client"})

    def gate(self, code: str) -> KpiGate:
        """The gate of this code; the document was checked to have every gate that it names."""
        return next(item for item in self.components if isinstance(item, KpiGate) and item.code == code)
