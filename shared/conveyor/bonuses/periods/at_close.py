"""What closing a month adds: gated lines of its people and period bonuses of its clients, as computed or as posted."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.engine.facts import LeadFacts
from conveyor.bonuses.engine.lines import BonusRole, Line
from conveyor.bonuses.facts import queries as facts_queries
from conveyor.bonuses.facts.neighbours import facts_since
from conveyor.bonuses.ledger.append import append
from conveyor.bonuses.ledger.evaluation import client_evaluation, periods_ending_with, person_month_evaluation
from conveyor.bonuses.ledger.person_periods import employees_of, person_period_evaluation, pool_periods_ending_with
from conveyor.bonuses.ledger.portions import portions
from conveyor.bonuses.ledger.post_differences import post_person_months
from conveyor.bonuses.ledger.post_person_periods import post_person_periods
from conveyor.bonuses.ledger.queries import posted_of_causes
from conveyor.bonuses.ledger.reach import reach_of
from conveyor.bonuses.ledger.rules import differences
from conveyor.bonuses.plans.terms import Terms, people_in, predecessors_of, published_versions, terms_for
from conveyor.kit.calendar import Month
from conveyor.kit.database import Transaction
from conveyor.roster.queries import current_calendar


async def post_at_close(tx: Transaction, month: Month, *, role: BonusRole) -> None:
    """Post the at-close lines of the month into the month itself; the caller holds the journal's lock."""
    terms = await terms_for(tx.session, role=role, employee_ids=())
    before = month.plus(-1)
    for lead_ids in portions(sorted(await _clients(tx.session, terms, month))):
        await _post_client_periods(tx, lead_ids, month, role=role)
    people = sorted((employee_id, month) for employee_id in await _workers(tx.session, terms, month))
    for person_months in portions(people):
        await post_person_months(tx, person_months, role=role, closed_through=before)
    for period in pool_periods_ending_with(terms, month):
        for employee_ids in portions(await employees_of(tx.session, role=role)):
            await post_person_periods(tx, employee_ids, period, role=role, closed_through=before)


async def _post_client_periods(tx: Transaction, lead_ids: Collection[UUID], month: Month, *, role: BonusRole) -> None:
    """Only the lines of the periods that end: what is paid at once was posted when it came."""
    desired = await _client_lines(tx.session, lead_ids, month, role=role)
    posted = await posted_of_causes(tx.session, dict.fromkeys(lead_ids, (f"month:{month}", f"quarter:{month.quarter}")))
    await append(tx, differences(desired=desired, posted=posted), role=role, closed_through=month.plus(-1))


async def at_close_lines(
    session: AsyncSession, month: Month, *, role: BonusRole, employee_id: UUID | None = None
) -> list[Line]:
    """The at-close lines of the month as they would be now, of one employee or of all."""
    terms = await terms_for(session, role=role, employee_ids=())
    # Whoever succeeds somebody may be paid for clients in whose facts only the other is named.
    naming = None if employee_id is None else await predecessors_of(session, {employee_id})
    clients = await _clients(session, terms, month, naming=naming)
    workers = await _workers(session, terms, month, employee_id=employee_id)
    lines: list[Line] = []
    for lead_ids in portions(sorted(clients)):
        lines.extend(await _client_lines(session, lead_ids, month, role=role))
    lines.extend(await _gated_lines(session, workers, month, role=role))
    people = await employees_of(session, role=role) if employee_id is None else [employee_id]
    for period in pool_periods_ending_with(terms, month):
        for employee_ids in portions(people):
            found = await person_period_evaluation(session, employee_ids, period, role=role)
            # What a refund of a later month takes back is that month's.
            lines.extend(line for line in found.lines if Month.of(line.earned_on) <= month)
    return [line for line in lines if employee_id in {None, line.employee_id}]


async def _client_lines(
    session: AsyncSession, lead_ids: Collection[UUID], month: Month, *, role: BonusRole
) -> list[Line]:
    leads = await _facts_for_periods(session, lead_ids, month, role=role)
    terms = await terms_for(session, role=role, employee_ids=people_in(leads))
    return [
        line
        for lead in leads
        for period in periods_ending_with(terms, month)
        for line in client_evaluation(terms, lead, period).lines
    ]


async def _facts_for_periods(
    session: AsyncSession, lead_ids: Collection[UUID], month: Month, *, role: BonusRole
) -> list[LeadFacts]:
    if reach_of(await published_versions(session, role=role)) is None:
        return await facts_queries.facts_of_leads(session, lead_ids)
    calendar = (await current_calendar(session)).calendar
    since = calendar.start_of(month.quarter.first_month.first_day)
    return await facts_since(session, lead_ids, since=since, zone=calendar.zone.key)


async def _gated_lines(
    session: AsyncSession, workers: Collection[UUID], month: Month, *, role: BonusRole
) -> list[Line]:
    terms = await terms_for(session, role=role, employee_ids=workers)
    months = await facts_queries.facts_of_person_months(
        session, {(employee_id, month) for employee_id in workers}, calendar=terms.calendar
    )
    return [line for facts in months for line in person_month_evaluation(terms, facts).lines]


async def _clients(
    session: AsyncSession, terms: Terms, month: Month, *, naming: Collection[UUID] | None = None
) -> set[UUID]:
    periods = list(periods_ending_with(terms, month))
    if not periods:
        return set()
    first = min(month if isinstance(period, Month) else period.first_month for period in periods)
    return await facts_queries.paying_leads(
        session, starts=terms.calendar.start_of(first.first_day), ends=terms.calendar.end_of_month(month), naming=naming
    )


async def _workers(session: AsyncSession, terms: Terms, month: Month, *, employee_id: UUID | None = None) -> set[UUID]:
    if not terms.gated:
        return set()
    return await facts_queries.workers_between(
        session,
        starts=terms.calendar.start_of(month.first_day),
        ends=terms.calendar.end_of_month(month),
        employee_id=employee_id,
    )
