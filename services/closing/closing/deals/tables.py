"""Deals and their qualification criteria. Who owns a deal is in the ownership tables of the handoffs room."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Deal(Base):
    """One deal of a lead. `opened_at` and `closed_at` are business times; `revision` is its ETag."""

    __tablename__ = "deals"
    __table_args__ = (
        UniqueConstraint("handoff_id"),
        CheckConstraint("state IN ('open', 'won', 'lost')", name="state"),
        Index("ix_deals_lead_id", "lead_id"),
        Index("ix_deals_state", "state", "deal_id"),
    )

    deal_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    handoff_id: Mapped[UUID]
    company_name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    loss_reason: Mapped[str | None] = mapped_column(Text)
    loss_note: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DealCriterion(Base):
    """The answer to one qualification criterion, with its evidence; the offer may bring some without evidence."""

    __tablename__ = "deal_criteria"

    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.deal_id"), primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    answer: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(Text)
    employee_id: Mapped[UUID]
    answered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
