"""The policies ever recorded, and each handoff's deadline."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Index, Integer, Text, Time, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class DeadlineVersion(Base):
    """A policy from `effective_from` on; never changed."""

    __tablename__ = "deadline_versions"

    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    effective_from: Mapped[date] = mapped_column(Date)
    day_starts: Mapped[time] = mapped_column(Time)
    day_ends: Mapped[time] = mapped_column(Time)
    directions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class HandoffDeadline(Base):
    """A handoff's deadline, and what was said of it; `next_at` is when to look next, empty when nothing is left to say.

    `computed_under` names calendar and policy, so that another one makes open deadlines anew.
    """

    __tablename__ = "handoff_deadlines"
    __table_args__ = (
        Index("ix_handoff_deadlines_next_at", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index("ix_handoff_deadlines_first_overdue_at", "first_overdue_at"),
    )

    handoff_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    from_stage: Mapped[str] = mapped_column(Text)
    to_stage: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    remind_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reminded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    first_overdue_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    first_overdue_by: Mapped[UUID | None]
    second_overdue_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    second_overdue_by: Mapped[UUID | None]
    next_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    computed_under: Mapped[str] = mapped_column(Text)
