"""Outgoing handoffs and the answers to them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class OutgoingHandoff(Base):
    """A lead offered to the next stage; `state` is derived from the answers."""

    __tablename__ = "telemarketing_handoffs"
    __table_args__ = (
        Index("ix_telemarketing_handoffs_lead_id", "lead_id"),
        Index("ix_telemarketing_handoffs_state", "state", "handoff_id"),
        Index(
            "uq_telemarketing_handoffs_one_open",
            "lead_id",
            "to_stage",
            unique=True,
            postgresql_where=text("state = 'offered'"),
        ),
    )

    handoff_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("telemarketing_leads.lead_id"))
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("telemarketing_meetings.meeting_id"))
    to_stage: Mapped[str] = mapped_column(Text)
    offered_by: Mapped[UUID]
    offered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(Text)


class HandoffAnswer(Base):
    """What the receiving stage said: routed, accepted, returned or withdrawn. The latest word of a kind stands."""

    __tablename__ = "telemarketing_handoff_answers"
    __table_args__ = (Index("ix_telemarketing_handoff_answers_lead_id", "lead_id"),)

    handoff_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    lead_id: Mapped[UUID]
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    event_id: Mapped[UUID]
    employee_id: Mapped[UUID | None]
    deal_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
