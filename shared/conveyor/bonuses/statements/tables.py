"""Frozen statements and what people signed; insert only. They hold ids, never names."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, DateTime, ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Statement(Base):
    """One employee's month as it was closed; `hash` is SHA-256 over the canonical JSON of `document`."""

    __tablename__ = "bonus_statements"

    period: Mapped[str] = mapped_column(ForeignKey("bonus_closed_periods.period"), primary_key=True)
    employee_id: Mapped[UUID] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    hash: Mapped[str] = mapped_column(CHAR(64))


class SignOff(Base):
    """An employee agreed to the statement that hashed like this.

    `lines_hash` leaves the entries' ids out: a draft names none for what only the closing posts, and its sign-off holds
    for the frozen statement that says the same.
    """

    __tablename__ = "bonus_sign_offs"
    __table_args__ = (UniqueConstraint("period", "employee_id", "hash", name="uq_bonus_sign_offs_statement"),)

    sign_off_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(CHAR(7))
    employee_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(CHAR(64))
    lines_hash: Mapped[str] = mapped_column(CHAR(64))
    signed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    signed_by: Mapped[str] = mapped_column(Text)
