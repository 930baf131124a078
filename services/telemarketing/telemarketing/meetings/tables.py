"""Booked meetings and what closing said of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Meeting(Base):
    """A meeting that telemarketing booked at `occurred_at`; `cancelled_at` is empty while it stands."""

    __tablename__ = "telemarketing_meetings"
    __table_args__ = (
        Index("ix_telemarketing_meetings_lead_id", "lead_id"),
        Index("ix_telemarketing_meetings_employee_id", "employee_id", "meeting_id"),
    )

    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("telemarketing_leads.lead_id"))
    handoff_id: Mapped[UUID] = mapped_column(unique=True)
    employee_id: Mapped[UUID]
    contact_id: Mapped[UUID | None]
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    place: Mapped[str | None] = mapped_column(Text)
    introduction_wanted: Mapped[bool]
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancellation_reason: Mapped[str | None] = mapped_column(Text)


class MeetingOutcome(Base):
    """Held or missed, as closing said; the latest word stands. Also of meetings that closing booked itself."""

    __tablename__ = "telemarketing_meeting_outcomes"
    __table_args__ = (Index("ix_telemarketing_meeting_outcomes_lead_id", "lead_id"),)

    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    outcome: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    event_id: Mapped[UUID]
