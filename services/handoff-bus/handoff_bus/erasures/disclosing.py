"""What the bus keeps of a lead, of one contact, of an employee."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from conveyor.disclosing.kept import (
    WHOSE,
    WORDS,
    Condition,
    Kept,
    KeptOf,
    Taken,
    Withheld,
    is_of_employee,
    is_of_lead,
    numbered,
    of_employee,
    of_lead,
    words,
)
from conveyor.disclosing.messages import fact_for
from conveyor.erasing.subjects import Subject
from handoff_bus.absences.tables import Absence
from handoff_bus.chains.tables import ChainMember
from handoff_bus.dead_letters.tables import AnnouncedDeadLetter
from handoff_bus.deliveries.replays.tables import DeliveryReplay
from handoff_bus.deliveries.tables import Delivery, DeliveryWait, PaidPayment
from handoff_bus.dispatches.tables import Dispatch, DispatchAttempt, DispatchedFact
from handoff_bus.employees.tables import Employee, NamedEmployee
from handoff_bus.erasures.spoken_of import RAW, is_about_the_lead, may_speak_of_others
from handoff_bus.handoffs.tables import HandoffFact, WatchedHandoff
from handoff_bus.journeys.tables import JourneyStep
from handoff_bus.payroll.disclosing import OF_AN_EMPLOYEE
from handoff_bus.references.tables import ClaimedReference, CorrelatedLead
from handoff_bus.write_backs.tables import LineFact, WriteBack, WriteBackAttempt

_BOTH = "it weighs two leads against one another"
_OTHERS = "the delivery may speak of others too; what it says of the lead is in the facts that it became"
_RESTS = "a search by more than this name"
_WORDY = ("lead_recorded", "lead_received", "reference_assigned", "touch_recorded", "deal_criterion_answered")


def _through(column: Any, parent: Any) -> Condition:  # noqa: ANN401 - a key and the table of the lead it leads to
    return lambda subject: column.in_(
        select(parent.__table__.c[column.name]).where(parent.__table__.c.lead_id == subject.lead_id)
    )


def _names_of_the_lead(subject: Subject) -> Any:  # noqa: ANN401 - a selection of names
    name = ClaimedReference.system + ":" + ClaimedReference.value
    return select(name).where(ClaimedReference.lead_id == subject.lead_id)


def _searched_by_name(subject: Subject) -> ColumnElement[bool]:
    named: ColumnElement[bool] = DeliveryReplay.asked["reference"].astext.in_(_names_of_the_lead(subject))
    return named


def _only_the_name(subject: Subject, asked: Any) -> Any:  # noqa: ANN401 - the request as it came
    del subject
    return {"reference": asked.get("reference")}


def _awaited(subject: Subject) -> ColumnElement[bool]:
    return func.substr(DeliveryWait.thing, len("lead:") + 1).in_(_names_of_the_lead(subject))


def _told(subject: Subject) -> ColumnElement[bool]:
    """Facts about leads name employees by their id alone."""
    of_him = DispatchedFact.body.contains(str(subject.subject_id))
    return and_(DispatchedFact.type == "employee_recorded.v1", of_him)


def _answers_about_him(subject: Subject) -> ColumnElement[bool]:
    told = select(Dispatch.dispatch_id).join(DispatchedFact, DispatchedFact.event_id == Dispatch.event_id)
    return DispatchAttempt.dispatch_id.in_(told.where(_told(subject)))


def _letters(subject: Subject) -> ColumnElement[bool]:
    return AnnouncedDeadLetter.key == subject.key


def _phones_and_addresses(model: Any) -> Condition:  # noqa: ANN401 - a table with names of leads
    return lambda subject: and_(model.lead_id == subject.lead_id, model.system.in_(["phone", "email"]))


def _wordy_steps(subject: Subject) -> ColumnElement[bool]:
    return and_(JourneyStep.lead_id == subject.lead_id, JourneyStep.type.in_([*_WORDY, "reference_awarded"]))


def _is_an_award(subject: Subject) -> ColumnElement[bool]:
    del subject
    return JourneyStep.type == "reference_awarded"


def _raw(subject: Subject) -> ColumnElement[bool]:
    return and_(is_about_the_lead(subject), Delivery.raw_removed_at.is_(None))


_REPLAYS = Kept(
    model=DeliveryReplay,
    of=_searched_by_name,
    columns={"asked": Taken(_only_the_name, _RESTS)},
    only=frozenset({"replay_id", "asked_at", "finished_at"}),
)
_WAITS = numbered(DeliveryWait, within="delivery_id")
_ATTEMPTS = _through(DispatchAttempt.dispatch_id, Dispatch)
_WRITTEN = _through(WriteBackAttempt.write_back_id, WriteBack)
_FACTS = _through(HandoffFact.handoff_id, WatchedHandoff)

_LEAD = (
    *[of_lead(model) for model in (CorrelatedLead, WatchedHandoff, PaidPayment, LineFact, WriteBack)],
    of_lead(ClaimedReference, awarded_reason=Withheld(_BOTH)),
    of_lead(JourneyStep, summary=Withheld(_BOTH, _is_an_award)),
    Kept(model=HandoffFact, of=_FACTS),
    Kept(
        model=Delivery,
        of=is_about_the_lead,
        columns={name: Withheld(_OTHERS, may_speak_of_others) for name in RAW},
        leaves_out=frozenset({"body_sha256"}),
    ),
    Kept(model=DeliveryWait, of=_awaited, key=_WAITS),
    _REPLAYS,
    of_lead(DispatchedFact, body=Taken(fact_for)),
    Kept(model=DispatchAttempt, of=_ATTEMPTS),
    Kept(model=WriteBackAttempt, of=_WRITTEN),
    Kept(model=AnnouncedDeadLetter, of=_letters),
)
_CONTACT = (
    Kept(
        model=ClaimedReference,
        of=_phones_and_addresses(ClaimedReference),
        columns={"value": Withheld(WHOSE), "awarded_reason": Withheld(_BOTH)},
        only=frozenset({"reference_id", "system", "lead_id", "recorded_at"}),
    ),
    words(JourneyStep, "summary", of=_wordy_steps, also=["type", "occurred_at"]),
    words(HandoffFact, "note", of=_FACTS),
    Kept(
        model=Delivery,
        of=_raw,
        columns={name: Withheld(WORDS) for name in RAW},
        only=frozenset({"delivery_id", "received_at", "type", "state", "reason"}),
    ),
    words(DeliveryWait, "thing", of=_awaited, why=WHOSE, key=_WAITS),
    Kept(
        model=DeliveryReplay,
        of=_searched_by_name,
        columns={"asked": Withheld(WHOSE)},
        only=frozenset({"replay_id", "asked_at"}),
    ),
    words(PaidPayment, "names", why=WHOSE),
    Kept(
        model=DispatchedFact,
        of=is_of_lead(DispatchedFact),
        columns={"body": Taken(fact_for, WORDS)},
        only=frozenset({"event_id", "type", "lead_id", "created_at"}),
    ),
    words(DispatchAttempt, "detail", of=_ATTEMPTS),
    words(WriteBackAttempt, "detail", of=_WRITTEN),
    words(AnnouncedDeadLetter, "reason", "settled_reason", of=_letters),
)
_EMPLOYEE = (
    *[of_employee(model) for model in (Employee, Absence, ChainMember)],
    Kept(model=NamedEmployee, of=is_of_employee(NamedEmployee), key=numbered(NamedEmployee, within="employee_id")),
    Kept(model=DispatchedFact, of=_told, columns={"body": Taken(fact_for)}),
    Kept(model=DispatchAttempt, of=_answers_about_him),
    Kept(model=AnnouncedDeadLetter, of=_letters),
    *OF_AN_EMPLOYEE,
)

KEPT: KeptOf = {"lead": _LEAD, "contact": _CONTACT, "employee": _EMPLOYEE}
