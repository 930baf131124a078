"""Action: make the ledger say what the facts say, for everything that this transaction touched.

Runs at the end of a transaction, under the journal's lock; whoever began the transaction commits it.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.facts import queries as facts_queries
from conveyor.bonuses.facts.gathered import Gathered, taken_from
from conveyor.bonuses.facts.neighbours import only_payments
from conveyor.bonuses.facts.store import store
from conveyor.bonuses.ledger.append import append, lock_journal
from conveyor.bonuses.ledger.evaluation import (
    months_of_withdrawn_work,
    person_month_evaluation,
    standing_lead_lines,
)
from conveyor.bonuses.ledger.portions import portions
from conveyor.bonuses.ledger.post_person_periods import post_late_person_periods
from conveyor.bonuses.ledger.queries import paid_person_months, posted_of_leads, posted_of_person_months
from conveyor.bonuses.ledger.rules import differences
from conveyor.bonuses.ledger.short_way import post_payments
from conveyor.bonuses.periods.queries import closed_through
from conveyor.bonuses.plans.terms import people_in, predecessors_of, terms_for
from conveyor.kit.calendar import Month
from conveyor.kit.database import Transaction
from conveyor.roster.queries import current_calendar

# A large month takes half a minute to close; a batch that comes meanwhile waits, and its messages stay in hand.
CONSUMER_PATIENCE_SECONDS = 120
PersonMonth = tuple[UUID, Month]


async def post_differences(tx: Transaction, *, role: BonusRole) -> None:
    """Store what the transaction gathered, evaluate what it touches once, and post what is different."""
    gathered = taken_from(tx)
    await store(tx.session, gathered)
    if not gathered.concerns_pay:
        return
    await lock_journal(tx, seconds_max=CONSUMER_PATIENCE_SECONDS)
    near = only_payments(gathered)
    gathered.leads -= near.keys()
    await _follow_the_roster(tx, gathered)
    near = {lead_id: news for lead_id, news in near.items() if lead_id not in gathered.leads}
    closed = await closed_through(tx.session)
    withdrawn: set[PersonMonth] = set()
    whole = set(gathered.leads)
    for fresh in portions(sorted(near.items())):
        whole |= await post_payments(tx, dict(fresh), role=role, closed_through=closed)
    for lead_ids in portions(sorted(whole)):
        withdrawn |= await post_leads(tx, lead_ids, role=role, standing_through=closed, closed_through=closed)
    if closed is None:
        return
    gathered.leads |= near.keys()
    await post_late_person_periods(tx, gathered, role=role, closed=closed)
    calendar = (await current_calendar(tx.session)).calendar
    worked = {(employee_id, calendar.month_of(instant)) for employee_id, instant in gathered.work_times}
    if gathered.everything:
        # By another zone work moves into a neighbouring month; the month that it left has its entries still.
        worked |= await paid_person_months(tx.session)
    late = sorted((employee_id, month) for employee_id, month in worked | withdrawn if month <= closed)
    for person_months in portions(late):
        await post_person_months(tx, person_months, role=role, closed_through=closed)


async def post_leads(
    tx: Transaction,
    lead_ids: Collection[UUID],
    *,
    role: BonusRole,
    standing_through: Month | None,
    closed_through: Month | None,
) -> set[PersonMonth]:
    """Post the differences of these leads; the caller holds the journal's lock.

    Period bonuses stand through `standing_through`; entries go into the first month after `closed_through` or later.
    Returns the person-months whose gated lines a withdrawal may have changed.
    """
    leads = await facts_queries.facts_of_leads(tx.session, lead_ids)
    terms = await terms_for(tx.session, role=role, employee_ids=people_in(leads))
    desired = [line for lead in leads for line in standing_lead_lines(terms, lead, closed_through=standing_through)]
    posted = await posted_of_leads(tx.session, lead_ids)
    postings = differences(desired=desired, posted=posted)
    await append(tx, postings, role=role, closed_through=closed_through)
    return months_of_withdrawn_work(terms, leads) if terms.gated else set()


async def post_person_months(
    tx: Transaction, person_months: Sequence[PersonMonth], *, role: BonusRole, closed_through: Month | None
) -> None:
    """Post the differences of the gated lines of these months; the caller holds the journal's lock."""
    terms = await terms_for(tx.session, role=role, employee_ids={employee_id for employee_id, _ in person_months})
    if not terms.gated:
        return
    months = await facts_queries.facts_of_person_months(tx.session, person_months, calendar=terms.calendar)
    desired = [line for month in months for line in person_month_evaluation(terms, month).lines]
    posted = await posted_of_person_months(tx.session, person_months)
    await append(tx, differences(desired=desired, posted=posted), role=role, closed_through=closed_through)


async def _follow_the_roster(tx: Transaction, gathered: Gathered) -> None:
    if gathered.everything:
        gathered.leads |= await facts_queries.every_lead(tx.session)
        gathered.work_times |= await facts_queries.work_times(tx.session, None)
    elif gathered.employees:
        concerned = await predecessors_of(tx.session, gathered.employees)
        gathered.leads |= await facts_queries.leads_of(tx.session, concerned)
        gathered.work_times |= await facts_queries.work_times(tx.session, gathered.employees)
