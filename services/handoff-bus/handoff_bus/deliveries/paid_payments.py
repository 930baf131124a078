"""Payments that a later refund may only hint at, and what of them is given back: reading and writing."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.money import Money
from handoff_bus.deliveries.refund_rules import Paid, Stretch
from handoff_bus.deliveries.tables import PaidPayment, ToldRefund

PaymentKey = tuple[UUID, str]


async def paid_payments(
    session: AsyncSession, *, payments: Collection[PaymentKey], leads: Collection[tuple[UUID, UUID]]
) -> dict[PaymentKey, Paid]:
    """These payments (source, payment id) and all payments of these leads (source, lead id)."""
    wanted: list[ColumnElement[bool]] = []
    if payments:
        wanted.append(tuple_(PaidPayment.source_id, PaidPayment.payment_id).in_(sorted(payments)))
    if leads:
        wanted.append(tuple_(PaidPayment.source_id, PaidPayment.lead_id).in_(sorted(leads)))
    if not wanted:
        return {}
    rows = (await session.scalars(select(PaidPayment).where(or_(*wanted)))).all()
    stretches = await _stretches(session, [(row.source_id, row.payment_id) for row in rows])
    return {
        (row.source_id, row.payment_id): Paid(
            source_id=row.source_id,
            payment_id=row.payment_id,
            lead_id=row.lead_id,
            paid_at=row.paid_at,
            amount=Money(row.amount_minor, row.currency),
            names=frozenset((system, value) for system, value in row.names),
            stretches=stretches[row.source_id, row.payment_id],
        )
        for row in rows
    }


async def note_paid(session: AsyncSession, paid: Sequence[Paid]) -> None:
    """Remember payments whose fact is said."""
    rows: list[dict[str, Any]] = [
        {
            "source_id": payment.source_id,
            "payment_id": payment.payment_id,
            "lead_id": payment.lead_id,
            "paid_at": payment.paid_at,
            "amount_minor": payment.amount.amount_minor,
            "currency": payment.amount.currency,
            "names": sorted(list(name) for name in payment.names),
        }
        for payment in paid
    ]
    if rows:
        await session.execute(insert(PaidPayment).values(rows).on_conflict_do_nothing())


async def note_given_back(session: AsyncSession, told: Sequence[tuple[Paid, str, Stretch]]) -> None:
    """Remember what refunds (by id) gave back of payments."""
    rows: list[dict[str, Any]] = [
        {
            "source_id": paid.source_id,
            "payment_id": paid.payment_id,
            "refund_id": refund_id,
            "from_minor": stretch[0],
            "to_minor": stretch[1],
        }
        for paid, refund_id, stretch in told
    ]
    if rows:
        await session.execute(insert(ToldRefund).values(rows).on_conflict_do_nothing())


async def _stretches(session: AsyncSession, keys: Sequence[PaymentKey]) -> defaultdict[PaymentKey, list[Stretch]]:
    found: defaultdict[PaymentKey, list[Stretch]] = defaultdict(list)
    if keys:
        statement = select(ToldRefund).where(tuple_(ToldRefund.source_id, ToldRefund.payment_id).in_(sorted(keys)))
        for told in await session.scalars(statement):
            found[told.source_id, told.payment_id].append((told.from_minor, told.to_minor))
    return found
