"""What telemarketing keeps of a lead, of one contact, of an employee."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, or_, text

from conveyor.disclosing.kept import (
    WHOSE,
    WORDS,
    Condition,
    Kept,
    KeptOf,
    Withheld,
    is_of_lead,
    numbered,
    of_employee,
    of_lead,
    words,
)
from conveyor.erasing.subjects import Subject
from conveyor.kit.database import Base
from telemarketing.calls.tables import Call
from telemarketing.handoffs.tables import HandoffAnswer, OutgoingHandoff
from telemarketing.leads.erasing import goes_by
from telemarketing.leads.tables import Inquiry, Lead, LeadAssignment, LeadContact, LeadOwnership, LeadReference
from telemarketing.meetings.tables import Meeting, MeetingOutcome
from telemarketing.nurture.tables import NurturedLead
from telemarketing.payments.tables import LeadPayment, LeadRefund
from telemarketing.progress.tables import Milestone
from telemarketing.replies.tables import Reply
from telemarketing.touches.tables import Touch

_OF_A_LEAD: Sequence[type[Base]] = (
    Lead,
    LeadContact,
    LeadAssignment,
    LeadOwnership,
    Inquiry,
    Touch,
    Reply,
    Call,
    Meeting,
    MeetingOutcome,
    OutgoingHandoff,
    HandoffAnswer,
    Milestone,
    NurturedLead,
    LeadPayment,
    LeadRefund,
)
_NAMES = numbered(LeadReference, within="lead_id")


def _is_a_contact(subject: Subject) -> ColumnElement[bool]:
    return exists().where(LeadContact.contact_id == subject.subject_id, LeadContact.lead_id == subject.lead_id)


def _where_he_is_a_contact(model: type[Base]) -> Condition:
    return lambda subject: and_(is_of_lead(model)(subject), _is_a_contact(subject))


def _is_not_his(subject: Subject) -> ColumnElement[bool]:
    """Phones and e-mails of the lead that are not the contact's own, in any spelling."""
    his = text(goes_by("telemarketing_contacts", named="telemarketing_lead_references"))
    return ~exists().where(LeadContact.contact_id == subject.subject_id, his)


def _his_names(subject: Subject) -> ColumnElement[bool]:
    shared = LeadReference.system.in_(["phone", "email"])
    return and_(LeadReference.lead_id == subject.lead_id, shared, _is_a_contact(subject))


def _his_meetings(subject: Subject) -> ColumnElement[bool]:
    own = Meeting.contact_id == subject.subject_id
    return and_(Meeting.lead_id == subject.lead_id, _is_a_contact(subject), or_(own, Meeting.place.is_not(None)))


def _of_others(subject: Subject) -> ColumnElement[bool]:
    return Meeting.contact_id.is_distinct_from(subject.subject_id)


def _words(model: type[Base], name: str) -> Kept:
    return words(model, name, of=_where_he_is_a_contact(model))


KEPT: KeptOf = {
    "lead": [
        *[of_lead(model) for model in _OF_A_LEAD],
        Kept(model=LeadReference, of=is_of_lead(LeadReference), key=_NAMES),
    ],
    "contact": (
        Kept(
            model=LeadContact,
            of=lambda subject: and_(
                LeadContact.contact_id == subject.subject_id, LeadContact.lead_id == subject.lead_id
            ),
        ),
        Kept(
            model=LeadReference,
            of=_his_names,
            columns={"match_key": Withheld(WHOSE, _is_not_his), "value": Withheld(WHOSE, _is_not_his)},
            key=_NAMES,
        ),
        Kept(model=Meeting, of=_his_meetings, columns={"place": Withheld(WORDS, _of_others)}),
        _words(Touch, "note"),
        _words(Reply, "body"),
        _words(Call, "recording_url"),
        _words(HandoffAnswer, "note"),
        _words(Milestone, "note"),
        _words(NurturedLead, "reason"),
    ),
    "employee": (of_employee(LeadOwnership), of_employee(Call)),
}
