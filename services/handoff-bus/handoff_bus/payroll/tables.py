"""Payout batches of the stages, gathered from their facts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, Integer, LargeBinary, Text
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


class BatchOutcome(Base):
    """What became of a batch: `acknowledged`, `paid` or `rejected`; it may come before the batch itself."""

    __tablename__ = "gathered_batch_outcomes"

    batch_id: Mapped[str] = mapped_column(Text, primary_key=True)
    outcome: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PayrollFile(Base):
    """One form of the file over certain batches, kept in `chunks` chunks; every download gives these bytes.

    `batches` are the ids of its batches, joined: after a rejection it is another file.
    """

    __tablename__ = "payroll_files"

    batches: Mapped[str] = mapped_column(Text, primary_key=True)
    form: Mapped[str] = mapped_column(Text, primary_key=True)
    sha256: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    chunks: Mapped[int] = mapped_column(Integer)
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PayrollFileChunk(Base):
    """At most 1 MiB of a file, numbered from 1."""

    __tablename__ = "payroll_file_chunks"

    batches: Mapped[str] = mapped_column(Text, primary_key=True)
    form: Mapped[str] = mapped_column(Text, primary_key=True)
    chunk_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
