"""What the bonuses room keeps of a lead, of one contact, and of an employee: his pay and what it rests on."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, tuple_

from conveyor.bonuses.adjustments.tables import Adjustment
from conveyor.bonuses.disputes.tables import Dispute, DisputeMessage
from conveyor.bonuses.facts.tables import BonusCall, BonusFact, BonusLead
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.payouts.tables import (
    PayoutBatch,
    PayoutBatchEntry,
    PayoutBatchRow,
    PayoutFileChunk,
    PayoutHold,
    RejectedLine,
)
from conveyor.bonuses.plans.tables import PlanAssignmentSet, Quota
from conveyor.bonuses.statements.tables import SignOff, Statement
from conveyor.disclosing.kept import Condition, Kept, KeptOf, Withheld, of_employee, of_lead, words
from conveyor.erasing.subjects import Subject
from conveyor.roster.tables import Employee

_OF_ALL = "it is about everybody in the batch"
_NAMING = ("payment_received", "contract_signed", "meeting_booked")


def _naming_facts(subject: Subject) -> ColumnElement[bool]:
    return and_(BonusFact.lead_id == subject.lead_id, BonusFact.kind.in_(_NAMING))


def _rows_of_him(subject: Subject) -> ColumnElement[bool]:
    """Rows that were made of the stored file of an old batch name him by his payroll number alone."""
    number = select(Employee.payroll_number).where(Employee.employee_id == subject.subject_id).scalar_subquery()
    by_number = and_(PayoutBatchRow.employee_id.is_(None), PayoutBatchRow.payroll_number == number)
    return or_(PayoutBatchRow.employee_id == subject.subject_id, by_number)


def _in_his_batches(model: Any) -> Condition:  # noqa: ANN401 - any table with a batch
    return lambda subject: model.batch_id.in_(select(PayoutBatchRow.batch_id).where(_rows_of_him(subject)))


def _entries(subject: Subject) -> Any:  # noqa: ANN401 - a selection of ids
    return select(BonusEntry.entry_id).where(BonusEntry.employee_id == subject.subject_id)


def _messages(subject: Subject) -> ColumnElement[bool]:
    disputes = select(Dispute.dispute_id).where(Dispute.employee_id == subject.subject_id)
    return DisputeMessage.dispute_id.in_(disputes)


def _rejected(subject: Subject) -> ColumnElement[bool]:
    rows = select(PayoutBatchRow.batch_id, PayoutBatchRow.line_no).where(_rows_of_him(subject))
    return tuple_(RejectedLine.batch_id, RejectedLine.line_no).in_(rows)


def _holds(subject: Subject) -> ColumnElement[bool]:
    return or_(PayoutHold.employee_id == subject.subject_id, PayoutHold.entry_id.in_(_entries(subject)))


_LEAD = (
    of_lead(BonusLead),
    of_lead(BonusFact),
    # Whom its row pays, and how much, is the employee's.
    Kept(
        model=PayoutBatchRow,
        of=lambda subject: PayoutBatchRow.lead_id == subject.lead_id,
        only=frozenset({"batch_id", "line_no", "lead_id", "lead", "earned_on"}),
    ),
)
_EMPLOYEE = (
    *[of_employee(model) for model in (BonusCall, BonusEntry, Statement, SignOff, PlanAssignmentSet, Quota)],
    *[of_employee(model) for model in (Adjustment, Dispute)],
    Kept(model=DisputeMessage, of=_messages),
    Kept(model=PayoutHold, of=_holds),
    Kept(model=PayoutBatchEntry, of=lambda subject: PayoutBatchEntry.entry_id.in_(_entries(subject))),
    # What the client is called is the client's.
    Kept(model=PayoutBatchRow, of=_rows_of_him, leaves_out=frozenset({"lead"})),
    Kept(model=RejectedLine, of=_rejected),
    Kept(
        model=PayoutBatch,
        of=_in_his_batches(PayoutBatch),
        columns={"rejection_reason": Withheld(_OF_ALL)},
        only=frozenset({"batch_id", "period", "state", "frozen_at", "paid_on"}),
    ),
    Kept(model=PayoutFileChunk, of=_in_his_batches(PayoutFileChunk), columns={"content": Withheld(_OF_ALL)}),
)

KEPT: KeptOf = {"lead": _LEAD, "contact": [words(BonusFact, "body", of=_naming_facts)], "employee": _EMPLOYEE}
