"""What every stage said about each handoff. The names carry `watched_` because the stages have tables of their own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class WatchedHandoff(Base):
    """A handoff as follows from the facts known so far; fields of the offer are empty until it arrives."""

    __tablename__ = "watched_handoffs"
    __table_args__ = (
        Index("ix_watched_handoffs_state", "state", "handoff_id"),
        Index("ix_watched_handoffs_lead_id", "lead_id"),
        Index("ix_watched_handoffs_employee_id", "employee_id"),
    )

    handoff_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(Text)
    from_stage: Mapped[str | None] = mapped_column(Text)
    to_stage: Mapped[str | None] = mapped_column(Text)
    offered_by: Mapped[UUID | None]
    offered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    employee_id: Mapped[UUID | None]
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)
    deal_id: Mapped[UUID | None]


class HandoffFact(Base):
    """One fact about a handoff."""

    __tablename__ = "watched_handoff_facts"
    __table_args__ = (Index("ix_watched_handoff_facts_handoff_id", "handoff_id"),)

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    handoff_id: Mapped[UUID]
    fact: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor: Mapped[str] = mapped_column(Text)
    from_stage: Mapped[str | None] = mapped_column(Text)
    to_stage: Mapped[str | None] = mapped_column(Text)
    employee_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    deal_id: Mapped[UUID | None]
