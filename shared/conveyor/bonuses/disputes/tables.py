"""Disputes and the messages about them. A message is insert only, a dispute changes once: when it is resolved."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CHAR, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Dispute(Base):
    """About an entry, or about a line that is missing: then without `entry_id`, with what the employee knows of it."""

    __tablename__ = "bonus_disputes"
    __table_args__ = (
        Index("ix_bonus_disputes_employee_id", "employee_id", "dispute_id"),
        Index(
            "uq_bonus_disputes_open",
            "employee_id",
            "period",
            "entry_id",
            "component",
            "cause_id",
            "lead_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("state = 'open'"),
        ),
    )

    dispute_id: Mapped[UUID] = mapped_column(primary_key=True)
    employee_id: Mapped[UUID]
    period: Mapped[str] = mapped_column(CHAR(7))
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("bonus_entries.entry_id"))
    component: Mapped[str | None] = mapped_column(Text)
    cause_id: Mapped[str | None] = mapped_column(Text)
    lead_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    resolved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    resolved_by: Mapped[str | None] = mapped_column(Text)
    resolution: Mapped[str | None] = mapped_column(Text)


class DisputeMessage(Base):
    """One message of the thread; `author` is the token's subject."""

    __tablename__ = "bonus_dispute_messages"
    __table_args__ = (Index("ix_bonus_dispute_messages_dispute_id", "dispute_id", "message_id"),)

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("bonus_disputes.dispute_id"))
    author: Mapped[str] = mapped_column(Text)
    author_role: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    text: Mapped[str] = mapped_column(Text)
