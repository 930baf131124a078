"""Calls, each once for good: telephony's id is unique within its source."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Call(Base):
    """A finished call; the lead is empty while nobody knows whose number it was. No foreign key: order is free."""

    __tablename__ = "telemarketing_calls"
    __table_args__ = (Index("ix_telemarketing_calls_lead_id", "lead_id", "started_at"),)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    call_id: Mapped[str] = mapped_column(Text, primary_key=True)
    lead_id: Mapped[UUID | None]
    employee_id: Mapped[UUID]
    direction: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    duration_seconds: Mapped[int] = mapped_column(Integer)
    recording_url: Mapped[str | None] = mapped_column(Text)
    delivery_id: Mapped[UUID]
