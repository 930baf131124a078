"""The record of erasures. It holds ids and codes, nothing by which the erased one could be known again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Erasure(Base):
    """One erasure: who asked on which ground, who ordered it, when nothing was left, and what the act says of that day.

    Erasures of releases before the act was kept have null there.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id"),
        Index("ix_erasures_open", "requested_at", postgresql_where=text("completed_at IS NULL")),
        Index(
            "ix_erasures_reapplied",
            "reapplied_at",
            postgresql_where=text("purged_again_at IS DISTINCT FROM reapplied_at"),
        ),
    )

    erasure_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    lead_id: Mapped[UUID | None]
    ground: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    request_number: Mapped[str | None] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    carried_out_by: Mapped[str] = mapped_column(Text)
    operator_name: Mapped[str | None] = mapped_column(Text)
    operator_address: Mapped[str | None] = mapped_column(Text)
    processors: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    responsible_name: Mapped[str | None] = mapped_column(Text)
    responsible_position: Mapped[str | None] = mapped_column(Text)
    system: Mapped[str | None] = mapped_column(Text)
    method: Mapped[str | None] = mapped_column(Text)
    categories: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    purged_messages: Mapped[int | None] = mapped_column(BigInteger)
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reapplied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    purged_again_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ErasureConfirmation(Base):
    """A service's word that it erased what it held; `erased` is `[{what, rows}]`.

    `repeated_at` is when it last said so again; `erased_again` what a restored database of it lost once more.
    """

    __tablename__ = "erasure_confirmations"

    erasure_id: Mapped[UUID] = mapped_column(ForeignKey("erasures.erasure_id"), primary_key=True)
    service: Mapped[str] = mapped_column(Text, primary_key=True)
    confirmed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    erased: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    repeated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    erased_again: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)


class ErasureReapplication(Base):
    """All erasures were said again, by whom and why; `added` are records that were given back to the bus."""

    __tablename__ = "erasure_reapplications"

    reapplication_id: Mapped[UUID] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    asked_by: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    erasures: Mapped[int] = mapped_column(Integer)
    added: Mapped[int] = mapped_column(Integer)
