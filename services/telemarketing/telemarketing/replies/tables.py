"""Replies, each once for good."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Reply(Base):
    """An answer of the lead. No foreign key: it may be heard before the lead."""

    __tablename__ = "telemarketing_replies"
    __table_args__ = (Index("ix_telemarketing_replies_lead_id", "lead_id", "received_at"),)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    reply_id: Mapped[str] = mapped_column(Text, primary_key=True)
    lead_id: Mapped[UUID]
    employee_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    delivery_id: Mapped[UUID]
