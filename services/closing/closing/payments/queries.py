"""Reads of payments: those of a lead, put under the deal they belong to."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from closing.contracts.tables import DealContract, DealReference
from closing.deals.tables import Deal
from closing.payments.models import PaymentView, RefundView
from closing.payments.rules import ContractOfLead, deal_of_payment
from closing.payments.tables import DealPayment, DealRefund
from conveyor.kit.money import Money


async def payments_of(session: AsyncSession, *, lead_id: UUID, deal_id: UUID) -> list[PaymentView]:
    """The payments of the lead that belong to this deal, oldest first."""
    payments = await session.scalars(
        select(DealPayment)
        .where(DealPayment.lead_id == lead_id)
        .order_by(DealPayment.paid_at, DealPayment.payment_id, DealPayment.source)
    )
    deals_by_opening = await _deals_of(session, lead_id)
    contracts = await _contracts_of(session, deals_by_opening)
    refunds = await _refunds_of(session, lead_id)
    return [
        PaymentView(
            source=payment.source,
            payment_id=payment.payment_id,
            paid_at=payment.paid_at,
            amount=Money(payment.amount_minor, payment.currency).to_wire(),
            refunds=refunds.get((payment.source, payment.payment_id), []),
        )
        for payment in payments
        if deal_id
        == deal_of_payment(
            contracts=contracts,
            deals_by_opening=deals_by_opening,
            reference=(payment.reference_system, payment.reference_value),
            paid_at=payment.paid_at,
        )
    ]


async def _deals_of(session: AsyncSession, lead_id: UUID) -> Sequence[UUID]:
    deals = await session.scalars(
        select(Deal.deal_id).where(Deal.lead_id == lead_id).order_by(Deal.opened_at, Deal.deal_id)
    )
    return deals.all()


async def _contracts_of(session: AsyncSession, deal_ids: Sequence[UUID]) -> list[ContractOfLead]:
    names: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    for named in await session.scalars(select(DealReference).where(DealReference.deal_id.in_(deal_ids))):
        names[named.contract_id].add((named.system, named.value))
    contracts = await session.scalars(select(DealContract).where(DealContract.deal_id.in_(deal_ids)))
    return [
        ContractOfLead(
            deal_id=contract.deal_id,
            number=contract.number,
            signed_at=contract.signed_at,
            names=frozenset(names[contract.contract_id]),
        )
        for contract in contracts
    ]


async def _refunds_of(session: AsyncSession, lead_id: UUID) -> dict[tuple[str, str], list[RefundView]]:
    rows = await session.scalars(
        select(DealRefund).where(DealRefund.lead_id == lead_id).order_by(DealRefund.refunded_at, DealRefund.refund_id)
    )
    refunds: dict[tuple[str, str], list[RefundView]] = defaultdict(list)
    for row in rows:
        amount = Money(row.amount_minor, row.currency).to_wire()
        refunds[row.source, row.payment_id].append(
            RefundView(refund_id=row.refund_id, refunded_at=row.refunded_at, amount=amount)
        )
    return refunds
