"""Payments and refunds of leads, as announced. A refund may be known before its payment."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, DateTime, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class ClientPayment(Base):
    """Money from a client; `reference_system` and `reference_value` are the name under which it came."""

    __tablename__ = "client_payments"
    __table_args__ = (Index("ix_client_payments_lead_id", "lead_id"),)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    payment_id: Mapped[str] = mapped_column(Text, primary_key=True)
    lead_id: Mapped[UUID]
    paid_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    reference_system: Mapped[str] = mapped_column(Text)
    reference_value: Mapped[str] = mapped_column(Text)


class ClientRefund(Base):
    """Money given back of one payment of the same source."""

    __tablename__ = "client_refunds"
    __table_args__ = (Index("ix_client_refunds_lead_id", "lead_id"),)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    refund_id: Mapped[str] = mapped_column(Text, primary_key=True)
    payment_id: Mapped[str] = mapped_column(Text)
    lead_id: Mapped[UUID]
    refunded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
