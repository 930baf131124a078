"""Meetings of deals."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class DealMeeting(Base):
    """A meeting; `booked_at` and `outcome_at` are business times, `outcome_at` also that of a cancellation."""

    __tablename__ = "deal_meetings"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'held', 'missed', 'cancelled')", name="state"),
        Index("ix_deal_meetings_deal_id", "deal_id"),
    )

    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.deal_id"))
    state: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    place: Mapped[str | None] = mapped_column(Text)
    booked_by: Mapped[UUID]
    booked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    outcome_by: Mapped[UUID | None]
    outcome_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
