"""Payments and refunds as the bus announced them, in minor units."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, DateTime, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class LeadPayment(Base):
    """Money that the lead paid."""

    __tablename__ = "telemarketing_payments"
    __table_args__ = (Index("ix_telemarketing_payments_lead_id", "lead_id", "paid_at"),)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    payment_id: Mapped[str] = mapped_column(Text, primary_key=True)
    lead_id: Mapped[UUID]
    paid_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))


class LeadRefund(Base):
    """Money that was given back of one payment."""

    __tablename__ = "telemarketing_refunds"
    __table_args__ = (Index("ix_telemarketing_refunds_lead_id", "lead_id", "refunded_at"),)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    refund_id: Mapped[str] = mapped_column(Text, primary_key=True)
    payment_id: Mapped[str] = mapped_column(Text)
    lead_id: Mapped[UUID]
    refunded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
