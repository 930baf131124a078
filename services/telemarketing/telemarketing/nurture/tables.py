"""What closing gave back."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, DateTime, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class NurturedLead(Base):
    """The lead came back at `came_at`, to be called again from `resume_on` on. No foreign key: it may come early."""

    __tablename__ = "telemarketing_nurtured_leads"
    __table_args__ = (Index("ix_telemarketing_nurtured_leads_lead_id", "lead_id"),)

    handoff_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    ends_handoff_id: Mapped[UUID | None]
    deal_id: Mapped[UUID | None]
    came_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    resume_on: Mapped[date] = mapped_column(Date)
    resume_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)
