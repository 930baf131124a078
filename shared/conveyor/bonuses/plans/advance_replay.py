"""Action: one chunk of one replay, some leads or some people; where to go on is committed with what was done."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.engine.lines import BonusRole, Line
from conveyor.bonuses.facts import queries as facts_queries
from conveyor.bonuses.facts.tables import BonusFact
from conveyor.bonuses.ledger.evaluation import (
    client_evaluation,
    lead_evaluation,
    periods_ending_with,
    person_month_evaluation,
)
from conveyor.bonuses.ledger.person_periods import person_period_evaluation, pool_periods_ending_with
from conveyor.bonuses.plans.drafts import draft_of, months_between
from conveyor.bonuses.plans.replay_books import Side, books_for
from conveyor.bonuses.plans.replay_sums import added
from conveyor.bonuses.plans.tables import PlanReplay
from conveyor.bonuses.plans.terms import people_in, terms_for
from conveyor.kit.calendar import Month
from conveyor.roster.tables import Employee

_LEADS_AT_ONCE = 200
_PEOPLE_AT_ONCE = 20


async def advance_replay(desk: Desk) -> bool:
    """Do the next chunk of the oldest unfinished replay that nobody else is at; False when there is none."""
    async with desk.database.transaction() as tx:
        statement = select(PlanReplay).where(PlanReplay.state == "running")
        ordered = statement.order_by(PlanReplay.recorded_at, PlanReplay.replay_id).limit(1)
        replay = await tx.session.scalar(ordered.with_for_update(skip_locked=True))
        if replay is None:
            return False
        draft = await draft_of(tx.session, role=desk.role, code=replay.code, version=replay.version)
        months = months_between(Month.parse(replay.first_month), Month.parse(replay.last_month))
        books = await books_for(tx.session, draft.document, role=desk.role, first=months[0])
        ids = await _next_ids(tx.session, replay, role=desk.role)
        changes: dict[str, object] = {}
        if ids:
            sums = replay.sums
            for side in books.sides:
                lines = await _lines(tx.session, replay.phase, ids, side, months=months, role=desk.role)
                sums = added(sums, lines, which=side.place, plans=books.plans, months=set(months))
            changes = {"sums": sums, "cursor": ids[-1], "done": PlanReplay.done + len(ids)}
        elif replay.phase == "leads":
            changes = {"phase": "people", "cursor": None}
        else:
            changes = {"state": "done", "finished_at": tx.now}
        await tx.session.execute(update(PlanReplay).where(PlanReplay.replay_id == replay.replay_id).values(**changes))
        await tx.commit()
        return True


async def _next_ids(session: AsyncSession, replay: PlanReplay, *, role: BonusRole) -> list[UUID]:
    if replay.phase == "leads":
        leads = select(BonusFact.lead_id).distinct().order_by(BonusFact.lead_id).limit(_LEADS_AT_ONCE)
        if replay.cursor is not None:
            leads = leads.where(BonusFact.lead_id > replay.cursor)
        return list(await session.scalars(leads))
    people = select(Employee.employee_id).where(Employee.role == role).order_by(Employee.employee_id)
    if replay.cursor is not None:
        people = people.where(Employee.employee_id > replay.cursor)
    return list(await session.scalars(people.limit(_PEOPLE_AT_ONCE)))


async def _lines(
    session: AsyncSession,
    phase: str,
    ids: Sequence[UUID],
    side: Side,
    *,
    months: Sequence[Month],
    role: BonusRole,
) -> list[Line]:
    if phase == "leads":
        return await _lines_of_leads(session, ids, side, months=months, role=role)
    return await _lines_of_people(session, ids, side, months=months, role=role)


async def _lines_of_leads(
    session: AsyncSession, lead_ids: Sequence[UUID], side: Side, *, months: Sequence[Month], role: BonusRole
) -> list[Line]:
    leads = await facts_queries.facts_of_leads(session, lead_ids)
    terms = await terms_for(
        session, role=role, employee_ids=people_in(leads), versions=side.versions, default_plan=side.default_plan
    )
    lines: list[Line] = []
    for lead in leads:
        lines += lead_evaluation(terms, lead).lines
        for month in months:
            for period in periods_ending_with(terms, month):
                lines += client_evaluation(terms, lead, period).lines
    return lines


async def _lines_of_people(
    session: AsyncSession, people: Sequence[UUID], side: Side, *, months: Sequence[Month], role: BonusRole
) -> list[Line]:
    terms = await terms_for(
        session, role=role, employee_ids=people, versions=side.versions, default_plan=side.default_plan
    )
    lines: list[Line] = []
    if terms.gated:
        scopes = [(employee_id, month) for employee_id in people for month in months]
        for facts in await facts_queries.facts_of_person_months(session, scopes, calendar=terms.calendar):
            lines += person_month_evaluation(terms, facts).lines
    for month in months:
        for period in pool_periods_ending_with(terms, month):
            found = await person_period_evaluation(
                session, people, period, role=role, versions=side.versions, default_plan=side.default_plan
            )
            lines += found.lines
    return lines
