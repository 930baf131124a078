"""Refunds that could not be taken as they came: reported, no line."""

from collections.abc import Iterator

from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.lines import Absence, BonusRole, Said
from conveyor.kit.money import Money


def refund_troubles(view: LeadView, role: BonusRole) -> Iterator[Absence]:
    """Refunds that could not be taken as they came: reported, no line."""
    for trouble in view.settlement.troubles:
        refund = trouble.refund
        excess = Money(trouble.excess_minor, refund.amount.currency)
        said = {
            "refund_exceeds_payment": f"{excess.text} of it exceeds what was left of payment {refund.payment_id}",
            "refund_in_other_currency": f"the refund is in another currency than payment {refund.payment_id}",
            "payment_unknown": f"payment {refund.payment_id} is not known",
        }[trouble.code]
        yield Absence(
            role=role,
            component=None,
            employee_id=None,
            lead_id=view.lead_id,
            cause=f"refund:{refund.source}:{refund.refund_id}",
            cause_id=refund.refund_id,
            earned_on=view.calendar.day_of(refund.refunded_at),
            reason_code=trouble.code,
            why=Said(said, {"payment_id": refund.payment_id, "excess": excess.text, "currency": excess.currency}),
        )
