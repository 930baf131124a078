"""What is pending, by asking the engine what it would pay if this or that happened now. Pure.

The engine itself answers, so a forecast knows every rule of the plan: owners, first deals, paying months, caps, ages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal
from uuid import UUID

from conveyor.bonuses.engine.facts import LeadFacts, PaymentFact, PersonMonthFacts
from conveyor.bonuses.ledger.evaluation import (
    client_evaluation,
    lead_evaluation,
    periods_between,
    person_month_evaluation,
)
from conveyor.bonuses.plans.terms import Terms
from conveyor.kit.money import Money, round_half_up

ProspectKind = Literal[
    "awaits_payment",
    "awaits_next_month",
    "awaits_acceptance",
    "awaits_meeting",
    "gate",
    "awaits_close",
    "below_threshold",
    "client_too_young",
]

EXAMPLE_MINOR = 10_000_000
"""The payment that a forecast asks about: what it would earn says the rate."""

_SOURCE = "forecast"


@dataclass(frozen=True, slots=True)
class Prospect:
    """One thing that is pending. `amount` is the sum at stake as known now; `details` are the numbers behind it."""

    kind: ProspectKind
    component: str
    lead_id: UUID | None
    amount: Money
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Booking:
    """A booked meeting with when it takes place."""

    fact_id: UUID
    handoff_id: UUID
    starts_at: datetime


def of_payments(terms: Terms, lead: LeadFacts, *, employee_id: UUID, now: datetime) -> Iterator[Prospect]:
    """What a payment of the lead would earn now, and what only the next month would let it earn."""
    known: set[str] = set()
    next_month = terms.calendar.end_of_month(terms.calendar.month_of(now))
    moments: tuple[tuple[ProspectKind, datetime], ...] = (("awaits_payment", now), ("awaits_next_month", next_month))
    for kind, instant in moments:
        example = PaymentFact(
            fact_id=lead.lead_id,
            source=_SOURCE,
            payment_id=_SOURCE,
            lead_id=lead.lead_id,
            paid_at=instant,
            amount=Money(EXAMPLE_MINOR, terms.currency),
            reference=("lead_id", str(lead.lead_id)),
        )
        asked = lead_evaluation(terms, replace(lead, payments=(*lead.payments, example)))
        for line in asked.lines:
            mine = line.employee_id == employee_id and line.cause == f"payment:{_SOURCE}:{_SOURCE}"
            if mine and line.component not in known:
                known.add(line.component)
                details = {
                    "payments_so_far": len(lead.payments),
                    "from": terms.calendar.day_of(instant).isoformat(),
                    "of": example.amount.to_wire().model_dump(),
                }
                yield Prospect(kind, line.component, lead.lead_id, line.amount, details)


def of_meetings(
    terms: Terms, lead: LeadFacts, bookings: Mapping[UUID, Booking], *, employee_id: UUID, now: datetime
) -> Iterator[Prospect]:
    """Lines of meetings that a cancellation, a miss or a return may still take away."""
    accepted = {fact.handoff_id for fact in lead.acceptances}
    for line in lead_evaluation(terms, lead).lines:
        booking = bookings.get(UUID(line.cause.removeprefix("fact:"))) if line.cause.startswith("fact:") else None
        if booking is None or line.employee_id != employee_id:
            continue
        details = {"cause_id": line.cause_id, "starts_at": booking.starts_at.isoformat()}
        if booking.handoff_id not in accepted:
            yield Prospect("awaits_acceptance", line.component, lead.lead_id, line.amount, details)
        elif booking.starts_at > now:
            yield Prospect("awaits_meeting", line.component, lead.lead_id, line.amount, details)


def of_period(terms: Terms, lead: LeadFacts, *, employee_id: UUID, now: datetime) -> Iterator[Prospect]:
    """Period bonuses of the running month and quarter: what stands if nothing changes, and how far the rest is."""
    month = terms.calendar.month_of(now)
    for period in periods_between(terms, month, month.quarter.last_month):
        found = client_evaluation(terms, lead, period)
        for line in found.lines:
            if line.employee_id == employee_id:
                details = {"period": str(period)}
                yield Prospect("awaits_close", line.component, lead.lead_id, line.amount, details)
        for absence in found.absences:
            code = absence.reason_code
            if absence.employee_id != employee_id or absence.component is None:
                continue
            if code in {"below_threshold", "client_too_young"}:
                kind: ProspectKind = "below_threshold" if code == "below_threshold" else "client_too_young"
                details = {"period": str(period), "on": absence.earned_on.isoformat(), **absence.details}
                yield Prospect(kind, absence.component, lead.lead_id, Money.zero(terms.currency), details)


def of_person_month(terms: Terms, facts: PersonMonthFacts) -> Iterator[Prospect]:
    """Gated lines of a month that is not closed: the norm so far, what is missing, the sum now and the full one."""
    for line in person_month_evaluation(terms, facts).lines:
        said = line.explanation.to_json()
        parts = [given for given in said["inputs"] if given.get("what") == "month_of_work"]
        full = sum((Fraction(part["count"]) * part["amount_minor"] for part in parts), Fraction(0))
        latest = parts[-1] if parts else {}
        norm = latest.get("norm_per_working_day", 0) * latest.get("working_days", 0)
        reached = latest.get("successful_calls", 0)
        details = {
            "month": str(facts.month),
            "successful_calls": reached,
            "norm": norm,
            "missing": max(norm - reached, 0),
            "full": Money(round_half_up(full), line.amount.currency).to_wire().model_dump(),
        }
        yield Prospect("gate", line.component, None, line.amount, details)
    for absence in person_month_evaluation(terms, facts).absences:
        if absence.reason_code == "gate_closed" and absence.component is not None:
            details = {"month": str(facts.month), **absence.details}
            details["missing"] = max(int(details.get("norm", 0)) - int(details.get("successful_calls", 0)), 0)
            yield Prospect("gate", absence.component, None, Money.zero(terms.currency), details)
