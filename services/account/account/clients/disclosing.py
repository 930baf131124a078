"""What account keeps of a lead, of one contact."""

from sqlalchemy import ColumnElement, and_

from account.clients.tables import Client
from account.contracts.tables import ClientContract
from account.payments.tables import ClientPayment, ClientRefund
from account.upsell.tables import UpsellOffer
from conveyor.disclosing.kept import WHOSE, KeptOf, of_lead, words
from conveyor.erasing.subjects import Subject


def _paid_under_a_name(subject: Subject) -> ColumnElement[bool]:
    return and_(ClientPayment.lead_id == subject.lead_id, ClientPayment.reference_system.in_(["phone", "email"]))


KEPT: KeptOf = {
    "lead": [of_lead(model) for model in (Client, ClientContract, ClientPayment, ClientRefund, UpsellOffer)],
    "contact": [words(ClientPayment, "reference_value", of=_paid_under_a_name, why=WHOSE, also=["reference_system"])],
}
