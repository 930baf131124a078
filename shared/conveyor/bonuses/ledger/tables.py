"""The journal's table. INSERT only: the application's role may do nothing else, a trigger stops its owner too."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, Date, DateTime, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class BonusEntry(Base):
    """One entry. `cause` is the fact behind it as this service knows it, `cause_id` as the outside knows it.

    `kind` is accrual, reversal, adjustment or manual; a reversal `reverses` exactly one entry and negates its amount.
    `revision` counts the entries of one line: (component, cause, lead, employee, currency).
    """

    __tablename__ = "bonus_entries"
    __table_args__ = (
        UniqueConstraint(
            "component",
            "cause",
            "lead_id",
            "employee_id",
            "currency",
            "revision",
            name="uq_bonus_entries_line",
            postgresql_nulls_not_distinct=True,
        ),
        Index("uq_bonus_entries_reverses", "reverses", unique=True, postgresql_where=text("reverses IS NOT NULL")),
        Index("ix_bonus_entries_lead_id_cause", "lead_id", "cause"),
        Index("ix_bonus_entries_employee_id_period", "employee_id", "period"),
        Index("ix_bonus_entries_period", "period"),
    )

    journal_no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(unique=True)
    chain_id: Mapped[str] = mapped_column(Text)
    employee_id: Mapped[UUID]
    role: Mapped[str] = mapped_column(Text)
    component: Mapped[str] = mapped_column(Text)
    plan_code: Mapped[str] = mapped_column(Text)
    plan_version: Mapped[int] = mapped_column(Integer)
    cause: Mapped[str] = mapped_column(Text)
    cause_id: Mapped[str] = mapped_column(Text)
    lead_id: Mapped[UUID | None]
    earned_on: Mapped[date] = mapped_column(Date)
    period: Mapped[str] = mapped_column(CHAR(7))
    kind: Mapped[str] = mapped_column(Text)
    reverses: Mapped[UUID | None] = mapped_column(ForeignKey("bonus_entries.entry_id"))
    revision: Mapped[int] = mapped_column(Integer)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    explanation: Mapped[dict[str, Any]] = mapped_column(JSONB)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    prev_hash: Mapped[str] = mapped_column(CHAR(64))
    hash: Mapped[str] = mapped_column(CHAR(64))
