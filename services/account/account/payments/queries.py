"""Reads of payments."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from account.payments.models import PaymentView, RefundView
from account.payments.rules import PaidSum, client_since
from account.payments.tables import ClientPayment, ClientRefund
from conveyor.kit.money import Money


async def payments_of(session: AsyncSession, lead_id: UUID) -> list[PaymentView]:
    """The client's payments, oldest first, each with its refunds."""
    refunds: dict[tuple[str, str], list[RefundView]] = defaultdict(list)
    for refund in await _refunds(session, [lead_id]):
        amount = Money(refund.amount_minor, refund.currency).to_wire()
        refunds[refund.source, refund.payment_id].append(
            RefundView(refund_id=refund.refund_id, refunded_at=refund.refunded_at, amount=amount)
        )
    return [
        PaymentView(
            source=payment.source,
            payment_id=payment.payment_id,
            paid_at=payment.paid_at,
            amount=Money(payment.amount_minor, payment.currency).to_wire(),
            refunds=refunds.get((payment.source, payment.payment_id), []),
        )
        for payment in await _payments(session, [lead_id])
    ]


async def starts_of(session: AsyncSession, lead_ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
    """From when each client's age counts; a client without payments is missing."""
    refunded: dict[tuple[str, str], int] = defaultdict(int)
    for refund in await _refunds(session, lead_ids):
        refunded[refund.source, refund.payment_id] += refund.amount_minor
    paid: dict[UUID, list[PaidSum]] = defaultdict(list)
    for payment in await _payments(session, lead_ids):
        back = refunded[payment.source, payment.payment_id]
        paid[payment.lead_id].append(PaidSum(payment.paid_at, payment.amount_minor, back))
    starts = {lead_id: client_since(payments) for lead_id, payments in paid.items()}
    return {lead_id: since for lead_id, since in starts.items() if since is not None}


async def _payments(session: AsyncSession, lead_ids: Sequence[UUID]) -> Sequence[ClientPayment]:
    found = await session.scalars(
        select(ClientPayment)
        .where(ClientPayment.lead_id.in_(lead_ids))
        .order_by(ClientPayment.paid_at, ClientPayment.payment_id, ClientPayment.source)
    )
    return found.all()


async def _refunds(session: AsyncSession, lead_ids: Sequence[UUID]) -> Sequence[ClientRefund]:
    found = await session.scalars(
        select(ClientRefund)
        .where(ClientRefund.lead_id.in_(lead_ids))
        .order_by(ClientRefund.refunded_at, ClientRefund.refund_id)
    )
    return found.all()
