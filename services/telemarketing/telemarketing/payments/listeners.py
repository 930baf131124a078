"""Money of leads, as the bus announced it."""

from conveyor.contracts.outside import PaymentReceived, PaymentRefunded
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.kit.messaging.rows import keep
from conveyor.kit.money import Money
from telemarketing.payments.tables import LeadPayment, LeadRefund


def listen(listeners: Listeners) -> None:
    """Payments and refunds, for the lead's history; bonuses have their own copy."""
    listeners.on(PaymentReceived, on_payment_received)
    listeners.on(PaymentRefunded, on_payment_refunded)


async def on_payment_received(tx: Transaction, event: Event[PaymentReceived]) -> None:
    """Keep the payment."""
    fact = event.fact
    amount = Money.from_wire(fact.amount)
    row = {
        "source": fact.source,
        "payment_id": fact.payment_id,
        "lead_id": fact.lead_id,
        "paid_at": fact.paid_at,
        "amount_minor": amount.amount_minor,
        "currency": amount.currency,
    }
    keep(tx, LeadPayment, row)


async def on_payment_refunded(tx: Transaction, event: Event[PaymentRefunded]) -> None:
    """Keep the refund; its payment may come later."""
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
    keep(tx, LeadRefund, row)
