"""The engine's doors. Pure: facts in any order, repeated or not, give the same lines.

What a fact touches: one lead (`evaluate_lead`), one employee's month (`evaluate_person_month`), one client's period
(`evaluate_client_period`), one employee's period over leads (`evaluate_person_period`). `evaluate` does the whole
department's set, for replays and tests. `currency` is the department's. An open month or quarter may be evaluated at
any time: the answer is then provisional.
"""

from collections.abc import Iterable
from uuid import UUID

from conveyor.bonuses.engine.client_period import ClientPeriod
from conveyor.bonuses.engine.fact_set import FactSet
from conveyor.bonuses.engine.facts import LeadFacts, PersonMonthFacts
from conveyor.bonuses.engine.floors import floor_lines
from conveyor.bonuses.engine.gated import evaluate_gated
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.lines import Absence, Evaluation, Line
from conveyor.bonuses.engine.norms import ChainFact, Norms, Period, QuotaFact
from conveyor.bonuses.engine.per_fact import evaluate_work
from conveyor.bonuses.engine.percent import evaluate_payments
from conveyor.bonuses.engine.period_bonus import evaluate_period_bonuses
from conveyor.bonuses.engine.plan_book import PlanAssignment, PlanBook
from conveyor.bonuses.engine.pool import PeriodPool
from conveyor.bonuses.engine.pooled_bonus import pooled_bonuses
from conveyor.bonuses.engine.pooled_percent import pooled_percentages
from conveyor.bonuses.engine.pooled_work import pooled_work
from conveyor.bonuses.engine.roster import Roster
from conveyor.kit.calendar import BusinessCalendar, Month, Quarter

__all__ = [
    "FactSet",
    "PlanAssignment",
    "PlanBook",
    "Roster",
    "evaluate",
    "evaluate_client_period",
    "evaluate_client_quarter",
    "evaluate_lead",
    "evaluate_person_month",
    "evaluate_person_period",
    "evaluate_view",
]


def evaluate_lead(
    *,
    book: PlanBook,
    facts: LeadFacts,
    roster: Roster,
    calendar: BusinessCalendar,
    currency: str,  # noqa: ARG001 - every door has one shape; lines at once are in their fact's currency
) -> Evaluation:
    """All lines of the book's role that this lead earns at once: percentages, refunds, ungated facts."""
    return evaluate_view(LeadView(facts, calendar), book=book, roster=roster)


def evaluate_view(view: LeadView, *, book: PlanBook, roster: Roster) -> Evaluation:
    """`evaluate_lead` for a caller who has derived the view already."""
    return evaluate_work(view, book=book, roster=roster) + evaluate_payments(view, book=book, roster=roster)


def evaluate_person_month(
    *,
    book: PlanBook,
    facts: PersonMonthFacts,
    roster: Roster,
    calendar: BusinessCalendar,
    currency: str,  # noqa: ARG001 - every door has one shape; gated lines are in their plan's currency
) -> Evaluation:
    """The gated lines of one employee's month: one per component, `timing` at_close, cause `month:2025-09`."""
    return evaluate_gated(facts, book=book, roster=roster, calendar=calendar)


def evaluate_client_period(
    *,
    book: PlanBook,
    facts: LeadFacts,
    roster: Roster,
    calendar: BusinessCalendar,
    currency: str,
    period: Month | Quarter,
) -> Evaluation:
    """The period bonuses of one client (`timing` at_close, cause `quarter:2025-Q4` or `month:2025-12`).

    A month pays components of kind month, a quarter those of kind quarter: where both end, call it for both.
    """
    client = ClientPeriod(LeadView(facts, calendar), period, currency=currency)
    return evaluate_period_bonuses(client, book=book, roster=roster)


def evaluate_client_quarter(
    *, book: PlanBook, facts: LeadFacts, roster: Roster, calendar: BusinessCalendar, currency: str, quarter: Quarter
) -> Evaluation:
    """`evaluate_client_period` for a quarter."""
    return evaluate_client_period(
        book=book, facts=facts, roster=roster, calendar=calendar, currency=currency, period=quarter
    )


def evaluate_person_period(pool: PeriodPool, employee_id: UUID) -> Evaluation:
    """What one employee's month or quarter earns over all leads in the pool; causes `in:2025-09/…`, `timing` at_close.

    The pool must hold every lead that credits him, or anybody of his chain, in the period.
    """
    found = pooled_percentages(pool, employee_id) + pooled_work(pool, employee_id)
    floors = floor_lines(pool, employee_id, found.lines)
    return found + Evaluation(tuple(floors)) + pooled_bonuses(pool, employee_id)


def evaluate(
    *,
    book: PlanBook,
    facts: FactSet,
    roster: Roster,
    calendar: BusinessCalendar,
    currency: str,
    through: Month,
    quotas: Iterable[QuotaFact] = (),
    chains: Iterable[ChainFact] = (),
) -> Evaluation:
    """Everything the book's role earns by these facts; month and quarter components of periods ended with `through`."""
    found: list[Evaluation] = []
    for lead in facts.leads():
        found.append(evaluate_lead(book=book, facts=lead, roster=roster, calendar=calendar, currency=currency))
        client = LeadView(lead, calendar)
        ended = (ClientPeriod(client, period, currency=currency) for period in _periods(client, through=through))
        found.extend(evaluate_period_bonuses(period, book=book, roster=roster) for period in ended)
    found.extend(
        evaluate_person_month(book=book, facts=person, roster=roster, calendar=calendar, currency=currency)
        for person in facts.person_months(calendar)
        if person.month <= through
    )
    if book.pooled_kinds:
        norms = Norms(quotas=quotas, calls=facts.calls(calendar), chains=chains)
        for period in _pool_periods(facts, book=book, calendar=calendar, through=through):
            pool = PeriodPool(period, book=book, roster=roster, calendar=calendar, norms=norms, currency=currency)
            for lead in facts.leads():
                pool.add(lead)
            people = sorted({*pool.people(), *roster.of_role(book.role)}, key=str)
            found.extend(evaluate_person_period(pool, employee_id) for employee_id in people)
    lines: list[Line] = [line for evaluation in found for line in evaluation.lines]
    absences: list[Absence] = [absence for evaluation in found for absence in evaluation.absences]
    return Evaluation(tuple(lines), tuple(absences))


def _periods(client: LeadView, *, through: Month) -> list[Month | Quarter]:
    """The months and quarters ended with `through`, from the client's first payment on."""
    periods: list[Month | Quarter] = []
    if client.payments:
        month = client.payments[0].month
        while month <= through:
            periods.append(month)
            if month == month.quarter.last_month:
                periods.append(month.quarter)
            month = month.plus(1)
    return periods


def _pool_periods(facts: FactSet, *, book: PlanBook, calendar: BusinessCalendar, through: Month) -> list[Period]:
    """The months and quarters ended with `through`, from the first fact of a lead on."""
    instants = [
        instant
        for lead in facts.leads()
        for instant in (*(fact.paid_at for fact in lead.payments), *(fact.occurred_at for fact in lead.work))
    ]
    periods: list[Period] = []
    if instants:
        month = calendar.month_of(min(instants))
        while month <= through:
            if "month" in book.pooled_kinds:
                periods.append(month)
            if "quarter" in book.pooled_kinds and month == month.quarter.last_month:
                periods.append(month.quarter)
            month = month.plus(1)
    return periods
