"""The inbox table. Its name says `received_` because offering stages and the bus keep handoffs of their own."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Integer, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class ReceivedHandoff(Base):
    """A handoff offered to this stage. `payload` is the whole offer as its fact said it (`HandoffOffered`).

    `routed_to` is who should answer (nobody when nobody was there), `routed_because` the reason that was said;
    `answered_by` and `answered_at` say who did, and when in business. `deal_id` is the deal that the acceptance opened,
    or that the offer came from. `due_at` and `overdue_level` (0, 1, 2) are what the bus said of its deadline; the head
    must see to it since `escalated_at`.
    """

    __tablename__ = "received_handoffs"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'accepted', 'returned', 'withdrawn')", name="state"),
        Index("ix_received_handoffs_lead_id", "lead_id"),
        Index("ix_received_handoffs_state", "state", "handoff_id"),
        Index("ix_received_handoffs_routed_to", "routed_to", postgresql_where=text("state = 'offered'")),
        Index("ix_received_handoffs_routed_to_id", "routed_to", "handoff_id", postgresql_include=["state"]),
        Index("ix_received_handoffs_answered_by_id", "answered_by", "handoff_id", postgresql_include=["state"]),
        Index("ix_received_handoffs_escalated", "handoff_id", postgresql_where=text("escalated_at IS NOT NULL")),
    )

    handoff_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    from_stage: Mapped[str] = mapped_column(Text)
    to_stage: Mapped[str] = mapped_column(Text)
    offered_by: Mapped[UUID]
    offered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    routed_to: Mapped[UUID | None]
    routed_because: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    return_reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    deal_id: Mapped[UUID | None]
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    overdue_level: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    escalated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revision: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
