"""What closing keeps of a lead, of one contact."""

from typing import Any

from sqlalchemy import ColumnElement, and_, select

from closing.contracts.tables import AccountOffer, DealContract, DealReference
from closing.deals.tables import Deal, DealCriterion
from closing.meetings.tables import DealMeeting
from closing.nurture.tables import NurtureOffer
from closing.payments.tables import DealPayment, DealRefund
from conveyor.disclosing.kept import WHOSE, Condition, Kept, KeptOf, numbered, of_lead, words
from conveyor.erasing.subjects import Subject

_BY_PLACE = numbered(DealReference, within="deal_id")


def _of_its_deals(model: Any) -> Condition:  # noqa: ANN401 - any table with a deal
    return lambda subject: model.deal_id.in_(select(Deal.deal_id).where(Deal.lead_id == subject.lead_id))


def _names(subject: Subject) -> ColumnElement[bool]:
    return and_(_of_its_deals(DealReference)(subject), DealReference.system.in_(["phone", "email"]))


def _paid_under_a_name(subject: Subject) -> ColumnElement[bool]:
    return and_(DealPayment.lead_id == subject.lead_id, DealPayment.reference_system.in_(["phone", "email"]))


KEPT: KeptOf = {
    "lead": (
        of_lead(Deal),
        *[Kept(model=model, of=_of_its_deals(model)) for model in (DealCriterion, DealMeeting, DealContract)],
        Kept(model=DealReference, of=_of_its_deals(DealReference), key=_BY_PLACE),
        *[of_lead(model) for model in (AccountOffer, NurtureOffer, DealPayment, DealRefund)],
    ),
    "contact": (
        words(Deal, "loss_note"),
        words(DealCriterion, "answer", "evidence", of=_of_its_deals(DealCriterion)),
        words(DealMeeting, "place", of=_of_its_deals(DealMeeting)),
        words(DealReference, "value", of=_names, why=WHOSE, key=_BY_PLACE),
        words(DealPayment, "reference_value", of=_paid_under_a_name, why=WHOSE, also=["reference_system"]),
    ),
}
