"""Payments as the API shows them."""

from datetime import datetime

from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel


class RefundView(AnswerModel):
    """Money given back of the payment it stands under."""

    refund_id: str
    refunded_at: datetime
    amount: WireMoney


class PaymentView(AnswerModel):
    """A payment with its refunds, oldest first. `payment_id` is unique per source."""

    source: str
    payment_id: str
    paid_at: datetime
    amount: WireMoney
    refunds: list[RefundView]
