"""Requests for manual adjustments. A row changes once: when a second person decides."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, Date, DateTime, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Adjustment(Base):
    """What was asked for and why. The reason's words stay here: the ledger holds their hash, as it holds no names.

    `component` is what the line stands under: a component of a plan, or else the reason's code.
    """

    __tablename__ = "bonus_adjustments"
    __table_args__ = (
        Index("ix_bonus_adjustments_employee_id", "employee_id", "adjustment_id"),
        Index("ix_bonus_adjustments_dispute_id", "dispute_id"),
    )

    adjustment_id: Mapped[UUID] = mapped_column(primary_key=True)
    employee_id: Mapped[UUID]
    component: Mapped[str] = mapped_column(Text)
    reason_code: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    earned_on: Mapped[date] = mapped_column(Date)
    lead_id: Mapped[UUID | None]
    dispute_id: Mapped[UUID | None] = mapped_column(ForeignKey("bonus_disputes.dispute_id"))
    state: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_by_employee_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rejection: Mapped[str | None] = mapped_column(Text)
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("bonus_entries.entry_id"), unique=True)
