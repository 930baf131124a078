"""Erasures that this service was told of."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class ErasureHere(Base):
    """Erased since `erased_at`; `carried_out_at` says since when nothing that began before can bring anything back.

    `erased` counts the rows that changed: `{"deals": 1}`.
    """

    __tablename__ = "erasures_here"
    __table_args__ = (Index("ix_erasures_here_open", "erased_at", postgresql_where=text("carried_out_at IS NULL")),)

    erasure_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    lead_id: Mapped[UUID | None]
    erased_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    erased: Mapped[dict[str, Any]] = mapped_column(JSONB)
    carried_out_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ErasuresPlace(Base):
    """Where this database stood when its erasures were last known to be whole: server, database, table by number."""

    __tablename__ = "erasures_place"
    __table_args__ = (CheckConstraint("is_here", name="one_row"),)

    is_here: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    place: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
