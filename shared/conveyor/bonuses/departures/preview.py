"""Whose bonuses a departure would change: the engine over the same facts, with the roster as it is and as supposed."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.departures.rules import LineChange, line_changes, totals
from conveyor.bonuses.departures.views import BonusChanges, BonusLineChange, BonusTotalChange
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.engine.facts import PaymentFact
from conveyor.bonuses.engine.lines import Line
from conveyor.bonuses.facts import queries as facts_queries
from conveyor.bonuses.ledger.evaluation import client_evaluation, lead_evaluation, periods_between
from conveyor.bonuses.ledger.portions import portions
from conveyor.bonuses.plans.terms import Supposing, Terms, people_in, predecessors_of, terms_for
from conveyor.bonuses.statements.queries import see_one_moment
from conveyor.kit.calendar import Month
from conveyor.kit.money import Money

LINES_MAX: Final = 1000


async def preview_bonuses(desk: Desk, supposing: Supposing) -> BonusChanges:
    """What facts known by now would pay otherwise; lines that routing would give to somebody have nobody here.

    Period bonuses count for every period up to the one that runs, also where it has not ended.
    """
    async with desk.database.reading() as session:
        await see_one_moment(session)
        concerned = await facts_queries.leads_of(session, await predecessors_of(session, {supposing.employee_id}))
        changes: list[LineChange] = []
        for lead_ids in portions(sorted(concerned)):
            now = await _lines(desk, session, lead_ids, supposing=supposing, as_it_is=True)
            then = await _lines(desk, session, lead_ids, supposing=supposing, as_it_is=False)
            changes += line_changes(before=now, after=then)
        changes.sort(key=lambda one: (one.earned_on, one.component, one.cause_id, str(one.lead_id)))
        shown = changes[:LINES_MAX]
        names = await facts_queries.names_of_leads(session, {one.lead_id for one in shown if one.lead_id})
    return BonusChanges(
        totals=[
            BonusTotalChange(employee_id=employee_id, change=Money(minor, currency).to_wire())
            for (employee_id, currency), minor in sorted(totals(changes).items())
        ],
        line_count=len(changes),
        lines=[_view(one, names) for one in shown],
    )


async def _lines(
    desk: Desk, session: AsyncSession, lead_ids: Collection[UUID], *, supposing: Supposing, as_it_is: bool
) -> list[Line]:
    leads = await facts_queries.facts_of_leads(session, lead_ids)
    people = people_in(leads) | {supposing.employee_id}
    if supposing.successor_id is not None:
        people.add(supposing.successor_id)
    terms = await terms_for(session, role=desk.role, employee_ids=people, supposing=None if as_it_is else supposing)
    last = terms.calendar.month_of(desk.database.clock.now()).quarter.last_month
    lines: list[Line] = []
    for lead in leads:
        lines.extend(lead_evaluation(terms, lead).lines)
        if lead.payments:
            first = max(_month_of_first_payment(terms, lead.payments), Month.of(supposing.left_on).quarter.first_month)
            for period in periods_between(terms, first, last):
                lines.extend(client_evaluation(terms, lead, period).lines)
    return lines


def _month_of_first_payment(terms: Terms, payments: Collection[PaymentFact]) -> Month:
    return terms.calendar.month_of(min(payment.paid_at for payment in payments))


def _view(one: LineChange, names: dict[UUID, str]) -> BonusLineChange:
    return BonusLineChange(
        component=one.component,
        cause_id=one.cause_id,
        lead_id=one.lead_id,
        lead=None if one.lead_id is None else names.get(one.lead_id, ""),
        earned_on=one.earned_on,
        from_employee_id=one.from_employee_id,
        from_amount=one.from_amount.to_wire() if one.from_amount else None,
        to_employee_id=one.to_employee_id,
        to_amount=one.to_amount.to_wire() if one.to_amount else None,
    )
