"""What closing offered back to telemarketing."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class NurtureOffer(Base):
    """A lead offered back; at most one per lead is open at a time, and one per deal ever."""

    __tablename__ = "nurture_offers"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'accepted', 'returned')", name="state"),
        Index("uq_nurture_offers_lead_id_open", "lead_id", unique=True, postgresql_where=text("state = 'offered'")),
        Index("uq_nurture_offers_deal_id", "deal_id", unique=True),
    )

    handoff_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.deal_id"))
    resume_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text)
    offered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
