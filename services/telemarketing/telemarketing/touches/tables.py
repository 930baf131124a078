"""Touches."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Touch(Base):
    """One paid step, done by an employee at `occurred_at`."""

    __tablename__ = "telemarketing_touches"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('letter_general', 'gatekeeper_passed', 'need_identified', 'letter_decision_maker')",
            name="kind_known",
        ),
        Index("ix_telemarketing_touches_lead_id", "lead_id", "occurred_at"),
    )

    touch_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("telemarketing_leads.lead_id"))
    employee_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
