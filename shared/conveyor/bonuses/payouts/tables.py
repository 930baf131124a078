"""Batches, the entries they hold, and the stored bytes of their exports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, Boolean, DateTime, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class PayoutBatch(Base):
    """A batch: frozen, then exported, then acknowledged. `sha256` is that of its `std` CSV; `totals` are wire money.

    `carried_forward` lists who stayed out as his net would be negative: `[{employee_id, net: [{amount, currency}]}]`.
    """

    __tablename__ = "bonus_payout_batches"
    __table_args__ = (
        Index("uq_bonus_payout_batches_live", "period", unique=True, postgresql_where=text("state <> 'rejected'")),
    )

    batch_id: Mapped[str] = mapped_column(Text, primary_key=True)
    technical_id: Mapped[UUID] = mapped_column(unique=True)
    period: Mapped[str] = mapped_column(CHAR(7))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    lines: Mapped[int] = mapped_column(Integer)
    totals: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    carried_forward: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(CHAR(64))
    journal_no: Mapped[int] = mapped_column(BigInteger)
    chain_head: Mapped[str] = mapped_column(CHAR(64))
    frozen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    frozen_by: Mapped[str] = mapped_column(Text)
    exported_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    acknowledged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    external_run_id: Mapped[str | None] = mapped_column(Text)


class PayoutBatchEntry(Base):
    """An entry is in at most one live batch; the partial unique index holds it."""

    __tablename__ = "bonus_payout_batch_entries"
    __table_args__ = (
        Index("uq_bonus_payout_batch_entries_live", "entry_id", unique=True, postgresql_where=text("live")),
    )

    batch_id: Mapped[str] = mapped_column(ForeignKey("bonus_payout_batches.batch_id"), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("bonus_entries.entry_id"), primary_key=True)
    live: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))


class PayoutDocument(Base):
    """The bytes of one export form (`csv-std`, `csv-ru`, `json`); every download gives these."""

    __tablename__ = "bonus_payout_documents"

    batch_id: Mapped[str] = mapped_column(ForeignKey("bonus_payout_batches.batch_id"), primary_key=True)
    form: Mapped[str] = mapped_column(Text, primary_key=True)
    sha256: Mapped[str] = mapped_column(CHAR(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
