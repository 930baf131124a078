"""People's months and quarters over all their leads, as the engine computes them from what is stored."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.engine.evaluate import evaluate_person_period
from conveyor.bonuses.engine.lines import BonusRole, Evaluation
from conveyor.bonuses.engine.norms import ChainFact, Norms, Period, last_month_of, months_of
from conveyor.bonuses.engine.pool import PeriodPool
from conveyor.bonuses.facts import queries as facts_queries
from conveyor.bonuses.ledger.portions import portions
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.quotas import quotas_of
from conveyor.bonuses.plans.terms import Terms, people_in, predecessors_of, terms_for
from conveyor.kit.calendar import Month
from conveyor.roster.queries import current_calendar
from conveyor.roster.tables import Chain, ChainMember, Employee


def pool_periods_ending_with(terms: Terms, month: Month) -> Iterator[Period]:
    """The month, and its quarter when it is the last of it, as far as some version computes over people's periods."""
    kinds = terms.book.pooled_kinds
    if "month" in kinds:
        yield month
    if "quarter" in kinds and month == month.quarter.last_month:
        yield month.quarter


async def employees_of(session: AsyncSession, *, role: BonusRole) -> list[UUID]:
    """Everybody who is or was of the role, by id."""
    statement = select(Employee.employee_id).where(Employee.role == role).order_by(Employee.employee_id)
    return list(await session.scalars(statement))


async def person_period_evaluation(
    session: AsyncSession,
    employee_ids: Collection[UUID],
    period: Period,
    *,
    role: BonusRole,
    versions: Sequence[PlanDocument] | None = None,
    default_plan: str | None = None,
) -> Evaluation:
    """What these employees earn in the period in components that are computed over all their leads."""
    chains = await chains_of(session)
    calendar = (await current_calendar(session)).calendar
    together = set(employee_ids) | _mates(chains, employee_ids, last_month_of(period).last_day)
    starts, ends = calendar.start_of(months_of(period)[0].first_day), calendar.end_of_month(last_month_of(period))
    named = await predecessors_of(session, together)
    lead_ids = sorted(await facts_queries.leads_between(session, named, starts=starts, ends=ends))
    people = together | named
    norms = Norms(
        quotas=await quotas_of(session, employee_ids, str(period)),
        calls=await facts_queries.call_tallies(session, employee_ids, months_of(period), calendar=calendar),
        chains=chains,
    )
    facts = [fact for portion in portions(lead_ids) for fact in await facts_queries.facts_of_leads(session, portion)]
    terms = await terms_for(
        session, role=role, employee_ids=people | people_in(facts), versions=versions, default_plan=default_plan
    )
    pool = PeriodPool(
        period, book=terms.book, roster=terms.roster, calendar=calendar, norms=norms, currency=terms.currency
    )
    for lead in facts:
        pool.add(lead)
    evaluation = Evaluation()
    for employee_id in sorted(employee_ids):
        evaluation += evaluate_person_period(pool, employee_id)
    return evaluation


async def chains_of(session: AsyncSession) -> list[ChainFact]:
    """All chains with their members."""
    rows: dict[UUID, tuple[date, set[UUID]]] = {}
    statement: Any = select(Chain.chain_id, Chain.effective_from, ChainMember.employee_id).join(
        ChainMember, ChainMember.chain_id == Chain.chain_id
    )
    for row in await session.execute(statement):
        rows.setdefault(row.chain_id, (row.effective_from, set()))[1].add(row.employee_id)
    return [ChainFact(chain_id, since, frozenset(members)) for chain_id, (since, members) in sorted(rows.items())]


def _mates(chains: list[ChainFact], employee_ids: Collection[UUID], day: date) -> set[UUID]:
    norms = Norms(chains=chains)
    return {mate for employee_id in employee_ids for mate in norms.chain_of(employee_id, day)}
