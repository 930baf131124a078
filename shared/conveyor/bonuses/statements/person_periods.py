"""A person's months and quarters over all his leads, as far as a question concerns them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.engine.lines import Evaluation
from conveyor.bonuses.explanations.numbers import Language
from conveyor.bonuses.facts import queries as facts_queries
from conveyor.bonuses.ledger.person_periods import person_period_evaluation, pool_periods_ending_with
from conveyor.bonuses.plans.terms import terms_for
from conveyor.kit.calendar import Month


@dataclass(frozen=True, slots=True)
class Question:
    """Whose line, and as much of the rest as the asker knows."""

    employee_id: UUID
    period: Month | None = None
    component: str | None = None
    lead_id: UUID | None = None
    payment_id: str | None = None
    lang: Language = "en"


def plain_cause(cause: str | None) -> str | None:
    """The cause without what marks a held part (`held:`) or a line of a person's period (`in:2025-09/`)."""
    if cause is not None and cause.startswith("in:"):
        return cause.partition("/")[2]
    return None if cause is None else cause.removeprefix("held:")


async def person_periods_asked_for(
    desk: Desk, session: AsyncSession, question: Question, lead_ids: Collection[UUID]
) -> Evaluation:
    """The employee's lines and absences of the periods that the question names or its leads have facts in."""
    terms = await terms_for(session, role=desk.role, employee_ids=())
    if not terms.book.pooled_kinds:
        return Evaluation()
    if question.period is not None:
        months = {question.period, question.period.quarter.last_month}
    else:
        months = set()
        for lead in await facts_queries.facts_of_leads(session, lead_ids):
            instants = [
                *(fact.paid_at for fact in lead.payments),
                *(fact.occurred_at for fact in lead.work),
                *(fact.occurred_at for fact in lead.meetings_held),
            ]
            own = {terms.calendar.month_of(instant) for instant in instants}
            months |= own | {month.quarter.last_month for month in own}
    evaluation = Evaluation()
    for month in sorted(months):
        for period in pool_periods_ending_with(terms, month):
            if isinstance(period, Month) and question.period is not None and period != question.period:
                continue
            evaluation += await person_period_evaluation(session, {question.employee_id}, period, role=desk.role)
    return evaluation
