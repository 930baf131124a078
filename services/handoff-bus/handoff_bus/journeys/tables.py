"""One line per fact of a lead's life."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class JourneyStep(Base):
    """A fact about a lead, as short as a reader of its journey needs it."""

    __tablename__ = "journey_steps"
    __table_args__ = (Index("ix_journey_steps_lead_id", "lead_id", "occurred_at", "event_id"),)

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    service: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    employee_id: Mapped[UUID | None]
    summary: Mapped[str] = mapped_column(Text)
