"""Milestones behind the handoff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Milestone(Base):
    """`client` (account opened it) or `lost` (closing lost a deal); one row per fact heard."""

    __tablename__ = "telemarketing_milestones"
    __table_args__ = (Index("ix_telemarketing_milestones_lead_id", "lead_id"),)

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    employee_id: Mapped[UUID]
    deal_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
