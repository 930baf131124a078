"""Payments and refunds from the bus, kept once each. The consumer commits."""

from closing.payments.tables import DealPayment, DealRefund
from conveyor.contracts.outside import PaymentReceived, PaymentRefunded
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.kit.messaging.rows import keep
from conveyor.kit.money import Money


def listen(listeners: Listeners) -> None:
    """A payment may come before its deal and a refund before its payment: both are kept and shown when they can be."""
    listeners.on(PaymentReceived, keep_payment)
    listeners.on(PaymentRefunded, keep_refund)


async def keep_payment(tx: Transaction, event: Event[PaymentReceived]) -> None:
    """Keep the payment under its source and id."""
    fact = event.fact
    amount = Money.from_wire(fact.amount)
    row = {
        "source": fact.source,
        "payment_id": fact.payment_id,
        "lead_id": fact.lead_id,
        "paid_at": fact.paid_at,
        "amount_minor": amount.amount_minor,
        "currency": amount.currency,
        "reference_system": fact.reference.system,
        "reference_value": fact.reference.value,
    }
    keep(tx, DealPayment, row)


async def keep_refund(tx: Transaction, event: Event[PaymentRefunded]) -> None:
    """Keep the refund under its source and id."""
    fact = event.fact
    amount = Money.from_wire(fact.amount)
    row = {
        "source": fact.source,
        "refund_id": fact.refund_id,
        "payment_id": fact.payment_id,
        "lead_id": fact.lead_id,
        "refunded_at": fact.refunded_at,
        "amount_minor": amount.amount_minor,
        "currency": amount.currency,
    }
    keep(tx, DealRefund, row)
