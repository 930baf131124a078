"""Lists of publications and what their readers found. Only ids and counts; no fact is copied."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, Index, Integer, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class ListedPublications(Base):
    """One part of a list: so many facts were said by a service in a stretch of a day (UTC)."""

    __tablename__ = "listed_publications"
    __table_args__ = (Index("ix_listed_publications_day", "day", "service"),)

    list_id: Mapped[UUID] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date)
    from_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    until_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    part: Mapped[int] = mapped_column(Integer)
    parts: Mapped[int] = mapped_column(Integer)
    facts: Mapped[int] = mapped_column(Integer)


class ComparedIntake(Base):
    """What one reader found when it compared one part of a list with what it took, in its newest state."""

    __tablename__ = "compared_intake"
    __table_args__ = (
        Index("ix_compared_intake_day", "day", "said_by"),
        Index("ix_compared_intake_gaps", "from_at", postgresql_where=text("missing_count > 0")),
    )

    reader: Mapped[str] = mapped_column(Text, primary_key=True)
    list_id: Mapped[UUID] = mapped_column(primary_key=True)
    said_by: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date)
    from_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    until_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revision: Mapped[int] = mapped_column(Integer)
    awaited: Mapped[int] = mapped_column(Integer)
    missing_count: Mapped[int] = mapped_column(Integer)
    missing: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    accepted_reason: Mapped[str | None] = mapped_column(Text)
    compared_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
