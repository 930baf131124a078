"""Reading what a forecast is about: the employee's leads, meetings and open months."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.explanations.numbers import Language
from conveyor.bonuses.facts import queries as facts_queries
from conveyor.bonuses.facts.tables import BonusFact
from conveyor.bonuses.forecast.rules import Booking, Prospect, of_meetings, of_payments, of_period, of_person_month
from conveyor.bonuses.forecast.views import ForecastView, ProspectView
from conveyor.bonuses.forecast.words import in_words
from conveyor.bonuses.ledger.portions import portions
from conveyor.bonuses.periods.queries import closed_through
from conveyor.bonuses.plans.terms import Terms, people_in, predecessors_of, terms_for
from conveyor.bonuses.statements.queries import existing_employee, see_one_moment

SHOWN_MAX = 500


async def forecast_of(desk: Desk, *, employee_id: UUID, lang: Language) -> ForecastView:
    """What is pending for the employee now. Raises NotFound for somebody who is not in the roster."""
    await existing_employee(desk, employee_id)
    now = desk.database.clock.now()
    async with desk.database.reading() as session:
        await see_one_moment(session)
        terms = await terms_for(session, role=desk.role, employee_ids={employee_id})
        prospects = await _of_months(session, terms, employee_id, now=now)
        prospects += await _of_leads(desk, session, employee_id, now=now)
        leads = {prospect.lead_id for prospect in prospects if prospect.lead_id is not None}
        names = await facts_queries.names_of_leads(session, leads)
    prospects.sort(key=lambda item: (str(names.get(item.lead_id or employee_id)), str(item.lead_id), item.component))
    items = [_view(item, names, lang=lang, terms=terms) for item in prospects[:SHOWN_MAX]]
    return ForecastView(employee_id=employee_id, at=now, lang=lang, items=items, truncated=len(prospects) > SHOWN_MAX)


async def _of_leads(desk: Desk, session: AsyncSession, employee_id: UUID, *, now: datetime) -> list[Prospect]:
    bookings = await _bookings(session, employee_id)
    found: list[Prospect] = []
    lead_ids = await facts_queries.leads_of(session, await predecessors_of(session, {employee_id}))
    for portion in portions(sorted(lead_ids)):
        leads = await facts_queries.facts_of_leads(session, portion)
        terms = await terms_for(session, role=desk.role, employee_ids=people_in(leads) | {employee_id})
        for lead in leads:
            found.extend(of_payments(terms, lead, employee_id=employee_id, now=now))
            found.extend(of_meetings(terms, lead, bookings, employee_id=employee_id, now=now))
            found.extend(of_period(terms, lead, employee_id=employee_id, now=now))
    return found


async def _of_months(session: AsyncSession, terms: Terms, employee_id: UUID, *, now: datetime) -> list[Prospect]:
    if not terms.gated:
        return []
    closed = await closed_through(session)
    times = await facts_queries.work_times(session, {employee_id})
    months = {terms.calendar.month_of(instant) for _, instant in times if instant <= now}
    wanted = {(employee_id, month) for month in months if closed is None or month > closed}
    facts = await facts_queries.facts_of_person_months(session, wanted, calendar=terms.calendar)
    return [prospect for month in facts for prospect in of_person_month(terms, month)]


async def _bookings(session: AsyncSession, employee_id: UUID) -> dict[UUID, Booking]:
    rows = await session.execute(
        select(BonusFact.event_id, BonusFact.body).where(
            BonusFact.kind == "meeting_booked", BonusFact.employee_id == employee_id
        )
    )
    return {
        row.event_id: Booking(
            fact_id=row.event_id,
            handoff_id=UUID(row.body["handoff_id"]),
            starts_at=datetime.fromisoformat(row.body["starts_at"]),
        )
        for row in rows
    }


def _view(prospect: Prospect, names: dict[UUID, str], *, lang: Language, terms: Terms) -> ProspectView:
    lead = None if prospect.lead_id is None else names.get(prospect.lead_id, "")
    return ProspectView(
        kind=prospect.kind,
        component=prospect.component,
        lead=lead,
        lead_id=prospect.lead_id,
        amount=prospect.amount.to_wire(),
        text=in_words(prospect, lead=lead, lang=lang, zone=terms.calendar.zone),
        details=dict(prospect.details),
    )
