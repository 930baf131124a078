"""Frozen statements; insert only. They hold ids, never names."""

from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, ForeignKey
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
