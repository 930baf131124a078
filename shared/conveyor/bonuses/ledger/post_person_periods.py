"""Action: post what people's months and quarters say over all their leads; whoever began the transaction commits it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from conveyor.bonuses.engine.facts import LeadFacts
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.engine.norms import ChainFact, Norms, Period, last_month_of
from conveyor.bonuses.facts import queries as facts_queries
from conveyor.bonuses.facts.gathered import Gathered
from conveyor.bonuses.ledger.append import append
from conveyor.bonuses.ledger.beginning import first_month
from conveyor.bonuses.ledger.person_periods import chains_of, employees_of, person_period_evaluation
from conveyor.bonuses.ledger.portions import portions
from conveyor.bonuses.ledger.queries import paid_in_person_period, posted_of_person_periods
from conveyor.bonuses.ledger.rules import differences
from conveyor.bonuses.plans.terms import Terms, people_in, terms_for
from conveyor.kit.calendar import Month
from conveyor.kit.database import Transaction


async def post_person_periods(
    tx: Transaction, employee_ids: Collection[UUID], period: Period, *, role: BonusRole, closed_through: Month | None
) -> None:
    """Post the differences of these employees' period; the caller holds the journal's lock."""
    desired = await person_period_evaluation(tx.session, employee_ids, period, role=role)
    posted = await posted_of_person_periods(tx.session, employee_ids, str(period))
    await append(tx, differences(desired=desired.lines, posted=posted), role=role, closed_through=closed_through)


async def post_late_person_periods(tx: Transaction, gathered: Gathered, *, role: BonusRole, closed: Month) -> None:
    """Follow what came late into closed months and quarters that are computed over people's leads."""
    terms = await terms_for(tx.session, role=role, employee_ids=gathered.employees)
    if not terms.book.pooled_kinds:
        return
    of_role = set(await employees_of(tx.session, role=role))
    chains = await chains_of(tx.session)
    norms = Norms(chains=chains)
    concerned = await _concerned(tx, gathered, terms=terms, chains=chains, closed=closed)
    # Of a person something may be due, or be shared with his chain, without any fact.
    if people := of_role if gathered.everything else gathered.employees:
        first = await first_month(tx.session, role=role) or closed
        for period in _closed_periods(terms, _months(first, closed), closed):
            concerned[period] |= people
    for period, people in sorted(concerned.items(), key=lambda item: str(item[0])):
        day = last_month_of(period).last_day
        roster = (await terms_for(tx.session, role=role, employee_ids=people)).roster
        followed = {*people, *roster.everybody()}
        if gathered.employees:
            # Whoever is a successor no more is named by no fact; what he was paid names him.
            followed |= await paid_in_person_period(tx.session, str(period), gathered.leads)
        mates = {mate for employee_id in followed for mate in norms.chain_of(employee_id, day)}
        for employee_ids in portions(sorted((followed | mates) & of_role)):
            await post_person_periods(tx, employee_ids, period, role=role, closed_through=closed)


async def _concerned(
    tx: Transaction, gathered: Gathered, *, terms: Terms, chains: Sequence[ChainFact], closed: Month
) -> defaultdict[Period, set[UUID]]:
    """Whose closed periods what was gathered may have changed."""
    concerned: defaultdict[Period, set[UUID]] = defaultdict(set)
    for lead_ids in portions(sorted(gathered.leads)):
        for lead in await facts_queries.facts_of_leads(tx.session, lead_ids):
            for period in _closed_periods(terms, _months_of_lead(terms, lead), closed):
                concerned[period] |= people_in([lead])
    for employee_id, instant in gathered.work_times:
        for period in _closed_periods(terms, {terms.calendar.month_of(instant)}, closed):
            concerned[period].add(employee_id)
    paid_from = terms.book.chains_paid_from
    if paid_from is None:
        return concerned
    for changed in gathered.chains:
        # Whoever came or went changed what those have whom he works with no more.
        near = {mate for chain in chains if chain.members & changed.people for mate in chain.members}
        for period in _closed_periods(terms, _months(Month.of(max(changed.since, paid_from)), closed), closed):
            concerned[period] |= changed.people | near
    return concerned


def _months(first: Month, last: Month) -> set[Month]:
    months: set[Month] = set()
    while first <= last:
        months.add(first)
        first = first.plus(1)
    return months


def _months_of_lead(terms: Terms, lead: LeadFacts) -> set[Month]:
    instants = [
        *(fact.paid_at for fact in lead.payments),
        *(fact.refunded_at for fact in lead.refunds),
        *(fact.occurred_at for fact in lead.work),
        *(fact.occurred_at for fact in lead.meetings_held),
        *(fact.occurred_at for fact in lead.acceptances),
    ]
    return {terms.calendar.month_of(instant) for instant in instants}


def _closed_periods(terms: Terms, months: set[Month], closed: Month) -> set[Period]:
    found: set[Period] = set()
    if "month" in terms.book.pooled_kinds:
        found |= {month for month in months if month <= closed}
    if "quarter" in terms.book.pooled_kinds:
        found |= {month.quarter for month in months if month.quarter.last_month <= closed}
    return found
