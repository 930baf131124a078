"""Which lines have to stand in the ledger, given what is closed. Pure: the engine's doors, put together by scope."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from conveyor.bonuses.engine.evaluate import (
    evaluate_client_period,
    evaluate_lead,
    evaluate_person_month,
    evaluate_view,
)
from conveyor.bonuses.engine.facts import LeadFacts, PersonMonthFacts
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.lines import Evaluation, Line
from conveyor.bonuses.plans.terms import Terms
from conveyor.kit.calendar import Month, Quarter


def lead_evaluation(terms: Terms, facts: LeadFacts) -> Evaluation:
    """What the lead pays at once."""
    return evaluate_lead(
        book=terms.book, facts=facts, roster=terms.roster, calendar=terms.calendar, currency=terms.currency
    )


def view_evaluation(terms: Terms, view: LeadView) -> Evaluation:
    """`lead_evaluation` of a lead whose view is at hand."""
    return evaluate_view(view, book=terms.book, roster=terms.roster)


def client_evaluation(terms: Terms, facts: LeadFacts, period: Month | Quarter) -> Evaluation:
    """The client's period bonuses of a month or a quarter."""
    return evaluate_client_period(
        book=terms.book,
        facts=facts,
        roster=terms.roster,
        calendar=terms.calendar,
        currency=terms.currency,
        period=period,
    )


def person_month_evaluation(terms: Terms, facts: PersonMonthFacts) -> Evaluation:
    """The employee's gated lines of a month."""
    return evaluate_person_month(
        book=terms.book, facts=facts, roster=terms.roster, calendar=terms.calendar, currency=terms.currency
    )


def standing_lead_lines(terms: Terms, facts: LeadFacts, *, closed_through: Month | None) -> list[Line]:
    """The lead's lines that belong into the ledger: those paid at once, and the period bonuses of what is closed."""
    lines = list(lead_evaluation(terms, facts).lines)
    for period in closed_periods_of(terms, facts, closed_through=closed_through):
        lines.extend(client_evaluation(terms, facts, period).lines)
    return lines


def closed_periods_of(terms: Terms, facts: LeadFacts, *, closed_through: Month | None) -> Iterator[Month | Quarter]:
    """The closed months and quarters since the client's first payment that some plan version has a bonus for."""
    if closed_through is None or not terms.period_lengths or not facts.payments:
        return
    first = terms.calendar.month_of(min(payment.paid_at for payment in facts.payments))
    yield from periods_between(terms, first, closed_through)


def periods_between(terms: Terms, first: Month, last: Month) -> Iterator[Month | Quarter]:
    """Months from `first` to `last` and the quarters that end in them, as far as some version has a bonus for them."""
    month = first
    while month <= last:
        yield from periods_ending_with(terms, month)
        month = month.plus(1)


def periods_ending_with(terms: Terms, month: Month) -> Iterator[Month | Quarter]:
    """The month, and its quarter when it is the last of it, as far as some version has a bonus for them."""
    if "month" in terms.period_lengths:
        yield month
    if "quarter" in terms.period_lengths and month.quarter.last_month == month:
        yield month.quarter


def months_of_withdrawn_work(terms: Terms, leads: Iterable[LeadFacts]) -> set[tuple[UUID, Month]]:
    """(employee, month) of booked meetings that something withdrew: their gated lines may have changed."""
    return {
        (work.employee_id, terms.calendar.month_of(work.occurred_at))
        for lead in leads
        if lead.withdrawals
        for work in lead.work
        if work.meeting_id is not None
    }
