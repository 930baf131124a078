"""Batches, the entries they hold, their rows, and the stored bytes of their exports."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.bonuses.payouts.rules import BatchState
from conveyor.kit.database import Base


class PayoutBatch(Base):
    """A batch: frozen, exported, acknowledged, then paid; or rejected before. `sha256` is that of its `std` CSV.

    `totals` are wire money. `carried_forward` lists who stayed out as his net would be negative:
    `[{employee_id, net: [{amount, currency}]}]`.
    """

    __tablename__ = "bonus_payout_batches"
    __table_args__ = (
        Index("uq_bonus_payout_batches_live", "period", unique=True, postgresql_where=text("state <> 'rejected'")),
    )

    batch_id: Mapped[str] = mapped_column(Text, primary_key=True)
    technical_id: Mapped[UUID] = mapped_column(unique=True)
    period: Mapped[str] = mapped_column(CHAR(7))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[BatchState] = mapped_column(Text)
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
    paid_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    paid_on: Mapped[date | None] = mapped_column(Date)
    rejected_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rejection_reason: Mapped[str | None] = mapped_column(Text)
    rejected_lines: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class PayoutBatchEntry(Base):
    """An entry is in at most one live batch; the partial unique index holds it.

    What payroll rejected is live no more: `released_at` says since when and `released_because` why it waits again.
    """

    __tablename__ = "bonus_payout_batch_entries"
    __table_args__ = (
        Index("uq_bonus_payout_batch_entries_live", "entry_id", unique=True, postgresql_where=text("live")),
    )

    batch_id: Mapped[str] = mapped_column(ForeignKey("bonus_payout_batches.batch_id"), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("bonus_entries.entry_id"), primary_key=True)
    live: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    released_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    released_because: Mapped[str | None] = mapped_column(Text)


class PayoutBatchRow(Base):
    """A row of the file, by its place in it. `employee_id`, `cause` and `lead_id` lead back to the entries behind it.

    Batches frozen before rows were kept have theirs from their stored file, without the way back.
    """

    __tablename__ = "bonus_payout_rows"
    __table_args__ = (Index("ix_bonus_payout_rows_payroll_number", "batch_id", "payroll_number"),)

    batch_id: Mapped[str] = mapped_column(ForeignKey("bonus_payout_batches.batch_id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    payroll_number: Mapped[str] = mapped_column(Text)
    employee: Mapped[str] = mapped_column(Text)
    component: Mapped[str] = mapped_column(Text)
    lead: Mapped[str] = mapped_column(Text)
    earned_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(CHAR(3))
    cause_id: Mapped[str] = mapped_column(Text)
    employee_id: Mapped[UUID | None]
    cause: Mapped[str | None] = mapped_column(Text)
    lead_id: Mapped[UUID | None]


class RejectedLine(Base):
    """A row that payroll could not pay, and why. The file keeps the row; its entries go into the next batch."""

    __tablename__ = "bonus_payout_rejected_lines"
    __table_args__ = (
        ForeignKeyConstraint(
            ["batch_id", "line_no"],
            ["bonus_payout_rows.batch_id", "bonus_payout_rows.line_no"],
            name="fk_bonus_payout_rejected_lines_row",
        ),
    )

    batch_id: Mapped[str] = mapped_column(Text, primary_key=True)
    line_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(Text)
    rejected_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    rejected_by: Mapped[str] = mapped_column(Text)


class PayoutFile(Base):
    """One form of the export (`csv-std`, `xlsx`, a profile …), kept in `chunks` chunks; every download gives these."""

    __tablename__ = "bonus_payout_files"

    batch_id: Mapped[str] = mapped_column(ForeignKey("bonus_payout_batches.batch_id"), primary_key=True)
    form: Mapped[str] = mapped_column(Text, primary_key=True)
    sha256: Mapped[str] = mapped_column(CHAR(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    chunks: Mapped[int] = mapped_column(Integer)


class PayoutFileChunk(Base):
    """At most 1 MiB of a file, numbered from 1."""

    __tablename__ = "bonus_payout_file_chunks"

    batch_id: Mapped[str] = mapped_column(ForeignKey("bonus_payout_batches.batch_id"), primary_key=True)
    form: Mapped[str] = mapped_column(Text, primary_key=True)
    chunk_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class PayoutHold(Base):
    """Keeps an entry, or everything of an employee, out of batches until it is released."""

    __tablename__ = "bonus_payout_holds"
    __table_args__ = (
        Index("uq_bonus_payout_holds_entry", "entry_id", unique=True, postgresql_where=text("released_at IS NULL")),
        Index(
            "uq_bonus_payout_holds_employee",
            "employee_id",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    hold_id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("bonus_entries.entry_id"))
    employee_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(Text)
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    placed_by: Mapped[str] = mapped_column(Text)
    released_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    released_by: Mapped[str | None] = mapped_column(Text)
    release_reason: Mapped[str | None] = mapped_column(Text)
