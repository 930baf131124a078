"""What is told to whom, and every attempt at it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Integer, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base

ERASED = ""
"""The body of a fact whose personal data was erased."""


class DispatchedFact(Base):
    """The body that is sent for a fact, the same bytes to every subscription and at every attempt."""

    __tablename__ = "dispatched_facts"
    __table_args__ = (
        Index("ix_dispatched_facts_lead_id", "lead_id", postgresql_where=text("lead_id IS NOT NULL")),
        Index("ix_dispatched_facts_created_at", "created_at"),
    )

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    lead_id: Mapped[UUID | None]
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Dispatch(Base):
    """One fact on its way to one subscription. `next_at` is set while it is pending; an attempt moves it ahead."""

    __tablename__ = "dispatches"
    __table_args__ = (
        UniqueConstraint("subscription_id", "event_id"),
        Index("ix_dispatches_due", "subscription_id", "next_at", postgresql_where=text("state = 'pending'")),
        Index("ix_dispatches_waiting", "subscription_id", "state", postgresql_where=text("state <> 'delivered'")),
        Index("ix_dispatches_subscription_id", "subscription_id", "dispatch_id"),
        Index("ix_dispatches_created_at", "created_at"),
        Index("ix_dispatches_event_id", "event_id"),
        Index("ix_dispatches_lead_id", "lead_id", postgresql_where=text("lead_id IS NOT NULL")),
    )

    dispatch_id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscriptions.subscription_id"))
    event_id: Mapped[UUID] = mapped_column(ForeignKey("dispatched_facts.event_id"))
    type: Mapped[str] = mapped_column(Text)
    lead_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(SmallInteger)
    next_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DispatchAttempt(Base):
    """What came back. `outcome` is delivered, refused (a status that is no success), or why there was no answer."""

    __tablename__ = "dispatch_attempts"
    __table_args__ = (Index("ix_dispatch_attempts_dispatch_id", "dispatch_id", "attempt_id"),)

    attempt_id: Mapped[UUID] = mapped_column(primary_key=True)
    dispatch_id: Mapped[UUID] = mapped_column(ForeignKey("dispatches.dispatch_id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None] = mapped_column(Integer)
    detail: Mapped[str | None] = mapped_column(Text)
    took_ms: Mapped[int] = mapped_column(Integer)
