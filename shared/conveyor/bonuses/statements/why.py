"""Why a line is there and why another is not: the engine's derivations and absences that match a question."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.engine.facts import LeadFacts
from conveyor.bonuses.engine.lines import Absence, Evaluation, Line
from conveyor.bonuses.explanations.absences import Missing
from conveyor.bonuses.explanations.wording import Wording
from conveyor.bonuses.facts import queries as facts_queries
from conveyor.bonuses.ledger.evaluation import (
    client_evaluation,
    lead_evaluation,
    periods_between,
    person_month_evaluation,
)
from conveyor.bonuses.ledger.portions import portions
from conveyor.bonuses.ledger.queries import find_entries, live_entries
from conveyor.bonuses.ledger.rules import Posted
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.plans.terms import Terms, people_in, predecessors_of, terms_for
from conveyor.bonuses.statements.person_periods import Question, person_periods_asked_for, plain_cause
from conveyor.bonuses.statements.queries import existing_employee, see_one_moment
from conveyor.bonuses.statements.views import AbsentView, PresentView, WhyView
from conveyor.kit.calendar import Month
from conveyor.kit.money import Money

__all__ = ["Question", "answer"]


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that matches a question, before it is put into words."""

    lines: list[Line]
    absences: list[Absence]
    others: int
    """Lines that match but belong to somebody else."""
    posted: list[Posted]
    by_hand: list[BonusEntry]
    names: dict[UUID, str]
    wording: Wording


async def answer(desk: Desk, question: Question) -> WhyView:
    """Lines and absences that match the question. Raises NotFound for an unknown employee."""
    await existing_employee(desk, question.employee_id)
    async with desk.database.reading() as session:
        await see_one_moment(session)
        found = await _find(desk, session, question)
    lines = [_present(line, found) for line in found.lines]
    lines += [_present_by_hand(entry, found) for entry in found.by_hand]
    absences = [_absent(absence, found) for absence in found.absences]
    if not lines and not absences:
        absences = [_nothing(desk, question, found)]
    return WhyView(
        employee_id=question.employee_id,
        period=None if question.period is None else str(question.period),
        lang=question.lang,
        lines=lines,
        absences=absences,
        text=[line.text for line in lines] + [absence.text for absence in absences],
    )


async def _find(desk: Desk, session: AsyncSession, question: Question) -> Found:
    evaluation = Evaluation()
    causes: set[str] | None = None
    lead_ids = await _leads_asked_for(session, question)
    if question.payment_id is not None:
        causes = await facts_queries.causes_of_payment(session, question.payment_id)
    for portion in portions(sorted(lead_ids)):
        evaluation += await _of_leads(desk, session, portion, question)
    if question.payment_id is None:
        evaluation += await _of_person_months(desk, session, lead_ids, question)
    evaluation += await person_periods_asked_for(desk, session, question, lead_ids)
    terms_calendar = (await terms_for(session, role=desk.role, employee_ids=())).calendar
    today = terms_calendar.month_of(desk.database.clock.now())
    matching = [line for line in evaluation.lines if _matches(line, question, causes)]
    mine = [line for line in matching if line.employee_id == question.employee_id]
    absences = [
        absence
        for absence in evaluation.absences
        if absence.employee_id in {None, question.employee_id}
        and _matches(absence, question, causes)
        and Month.of(absence.earned_on) <= (question.period or today).quarter.last_month
    ]
    posted = await live_entries(session, employee_id=question.employee_id)
    by_hand = await find_entries(session, [entry.entry_id for entry in posted if entry.kind == "manual"])
    by_hand = [entry for entry in by_hand if _matches_by_hand(entry, question)]
    lead_of = [
        *(line.lead_id for line in mine),
        *(item.lead_id for item in absences),
        *(row.lead_id for row in by_hand),
    ]
    leads = {lead_id for lead_id in lead_of if lead_id is not None}
    return Found(
        lines=mine,
        absences=absences,
        others=len(matching) - len(mine),
        posted=posted,
        by_hand=by_hand,
        wording=Wording(question.lang, terms_calendar.zone),
        names=await facts_queries.names_of_leads(session, leads),
    )


async def _leads_asked_for(session: AsyncSession, question: Question) -> set[UUID]:
    if question.payment_id is not None:
        found = await facts_queries.leads_of_payment(session, question.payment_id)
        return found if question.lead_id is None else found & {question.lead_id}
    if question.lead_id is not None:
        return {question.lead_id}
    return await facts_queries.leads_of(session, await predecessors_of(session, {question.employee_id}))


async def _of_leads(desk: Desk, session: AsyncSession, lead_ids: Collection[UUID], question: Question) -> Evaluation:
    leads = await facts_queries.facts_of_leads(session, lead_ids)
    terms = await terms_for(session, role=desk.role, employee_ids=people_in(leads) | {question.employee_id})
    last = question.period or terms.calendar.month_of(desk.database.clock.now())
    evaluation = Evaluation()
    for lead in leads:
        evaluation += lead_evaluation(terms, lead)
        if question.payment_id is None:
            evaluation += _of_client_periods(terms, lead, question, last)
    return evaluation


def _of_client_periods(terms: Terms, lead: LeadFacts, question: Question, last: Month) -> Evaluation:
    if question.period is not None:
        first = question.period
    elif lead.payments:
        first = terms.calendar.month_of(min(payment.paid_at for payment in lead.payments))
    else:
        return Evaluation()
    evaluation = Evaluation()
    # A quarter asked about by one of its months is answered as the whole quarter.
    for period in periods_between(terms, first, last.quarter.last_month):
        evaluation += client_evaluation(terms, lead, period)
    return evaluation


async def _of_person_months(
    desk: Desk, session: AsyncSession, lead_ids: Collection[UUID], question: Question
) -> Evaluation:
    terms = await terms_for(session, role=desk.role, employee_ids={question.employee_id})
    if not terms.gated:
        return Evaluation()
    months = {question.period} if question.period else set()
    if question.lead_id is not None:
        leads = await facts_queries.facts_of_leads(session, lead_ids)
        worked = {
            terms.calendar.month_of(work.occurred_at)
            for lead in leads
            for work in lead.work
            if work.employee_id == question.employee_id
        }
        months = worked & months if months else worked
    elif not months:
        times = await facts_queries.work_times(session, {question.employee_id})
        months = {terms.calendar.month_of(instant) for _, instant in times}
    evaluation = Evaluation()
    for facts in await facts_queries.facts_of_person_months(
        session, {(question.employee_id, month) for month in months}, calendar=terms.calendar
    ):
        evaluation += person_month_evaluation(terms, facts)
    return evaluation


def _matches(item: Line | Absence, question: Question, causes: set[str] | None) -> bool:
    if question.component is not None and item.component not in {None, question.component}:
        return False
    if question.lead_id is not None and item.lead_id not in {None, question.lead_id}:
        return False
    if causes is not None and plain_cause(item.cause) not in causes:
        return False
    if question.period is None:
        return True
    quarter_asked = question.component is not None and item.cause_id == str(question.period.quarter)
    return quarter_asked or Month.of(item.earned_on) == question.period


def _matches_by_hand(entry: BonusEntry, question: Question) -> bool:
    if question.payment_id is not None or question.component not in {None, entry.component}:
        return False
    if question.lead_id not in {None, entry.lead_id}:
        return False
    return question.period is None or Month.of(entry.earned_on) == question.period


def _present_by_hand(entry: BonusEntry, found: Found) -> PresentView:
    amount = Money(entry.amount_minor, entry.currency).to_wire()
    return PresentView(
        component=entry.component,
        amount=amount,
        lead=None if entry.lead_id is None else found.names.get(entry.lead_id, ""),
        lead_id=entry.lead_id,
        earned_on=entry.earned_on,
        cause_id=entry.cause_id,
        entry_ids=[entry.entry_id],
        text=" ".join(found.wording.of(entry.explanation)),
        explanation=entry.explanation,
    )


def _present(line: Line, found: Found) -> PresentView:
    explanation = line.explanation.to_json()
    return PresentView(
        component=line.component,
        amount=line.amount.to_wire(),
        lead=None if line.lead_id is None else found.names.get(line.lead_id, ""),
        lead_id=line.lead_id,
        earned_on=line.earned_on,
        cause_id=line.cause_id,
        entry_ids=[entry.entry_id for entry in found.posted if entry.key == line.key],
        text=f"{line.cause_id}: {' '.join(found.wording.of(explanation))}",
        explanation=explanation,
    )


def _absent(absence: Absence, found: Found) -> AbsentView:
    return AbsentView(
        component=absence.component,
        lead=None if absence.lead_id is None else found.names.get(absence.lead_id, ""),
        lead_id=absence.lead_id,
        earned_on=absence.earned_on,
        cause_id=absence.cause_id,
        reason_code=absence.reason_code,
        text=found.wording.of_missing(
            Missing(
                role=absence.role,
                component=absence.component,
                cause_id=absence.cause_id,
                earned_on=absence.earned_on,
                reason_code=absence.reason_code,
                details=absence.details,
                text=absence.text,
            )
        ),
        details=dict(absence.details),
    )


def _nothing(desk: Desk, question: Question, found: Found) -> AbsentView:
    if found.others:
        code, text = "other_owner", "Somebody else owned it at that time; the line is his."
    else:
        code, text = "no_fact", "No fact is known here that would pay this."
    missing = Missing(desk.role, question.component, question.payment_id, None, code, {}, text)
    return AbsentView(
        component=question.component,
        lead=None,
        lead_id=question.lead_id,
        earned_on=None,
        cause_id=question.payment_id,
        reason_code=code,
        text=found.wording.of_missing(missing),
        details={},
    )
