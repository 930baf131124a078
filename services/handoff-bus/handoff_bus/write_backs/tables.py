"""What says where a lead stands, what is to be written into which CRM, and every attempt at it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, ForeignKey, Index, Integer, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class LineFact(Base):
    """A fact that moved a lead along the line or gave it an owner; from `at` on."""

    __tablename__ = "line_facts"
    __table_args__ = (Index("ix_line_facts_lead_id", "lead_id"),)

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    stage: Mapped[str] = mapped_column(Text)
    position: Mapped[str | None] = mapped_column(Text)
    names_owner: Mapped[bool] = mapped_column(Boolean)
    owner_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class WriteBackSettings(Base):
    """How a source's CRM is written to. `credentials` are never shown. While it is not enabled nothing is written."""

    __tablename__ = "write_back_settings"

    source_id: Mapped[UUID] = mapped_column(ForeignKey("sources.source_id"), primary_key=True)
    enabled: Mapped[bool] = mapped_column(Boolean)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    credentials: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class WriteBack(Base):
    """A lead in one CRM. `version` grows whenever the lead may have moved; only the present state is ever written.

    `sent_at` is when the bus first may have written there, `written` what the CRM took last, `unnamed_owner_id` an
    owner whom the CRM does not know. `leased_until` keeps a second writer away from the same lead.
    """

    __tablename__ = "write_backs"
    __table_args__ = (
        UniqueConstraint("lead_id", "source_id"),
        Index("ix_write_backs_due", "source_id", "next_at", postgresql_where=text("state = 'due'")),
        Index(
            "ix_write_backs_unnamed_owner_id",
            "unnamed_owner_id",
            postgresql_where=text("unnamed_owner_id IS NOT NULL"),
        ),
        Index("ix_write_backs_state", "state", "write_back_id"),
    )

    write_back_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("sources.source_id"))
    version: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(SmallInteger)
    failing_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    next_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    written: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    unnamed_owner_id: Mapped[UUID | None]


class WriteBackAttempt(Base):
    """One call to a CRM: what was to be written into which of its things, and what came of it."""

    __tablename__ = "write_back_attempts"
    __table_args__ = (
        Index("ix_write_back_attempts_write_back_id", "write_back_id", "attempt_id"),
        Index("ix_write_back_attempts_at", "at"),
    )

    attempt_id: Mapped[UUID] = mapped_column(primary_key=True)
    write_back_id: Mapped[UUID] = mapped_column(ForeignKey("write_backs.write_back_id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    thing: Mapped[str] = mapped_column(Text)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB)
    outcome: Mapped[str] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)
    took_ms: Mapped[int] = mapped_column(Integer)
