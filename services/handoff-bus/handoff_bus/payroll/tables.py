"""Payout batches of the stages, gathered from their facts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class GatheredBatch(Base):
    """A batch that a stage froze; its rows are in `parts` parts. One number is one batch of a service's period."""

    __tablename__ = "gathered_batches"
    __table_args__ = (Index("ix_gathered_batches_period", "period"),)

    batch_id: Mapped[str] = mapped_column(Text, primary_key=True)
    technical_id: Mapped[UUID]
    service: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(Text)
    lines: Mapped[int] = mapped_column(Integer)
    totals: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(Text)
    parts: Mapped[int] = mapped_column(Integer)
    frozen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class GatheredPart(Base):
    """Rows of a batch; a part may come before its batch."""

    __tablename__ = "gathered_batch_parts"

    batch_id: Mapped[str] = mapped_column(Text, primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
