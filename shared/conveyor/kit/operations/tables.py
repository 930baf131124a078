"""What a service listed of its own facts, and how the lists of the others compare with what it took."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from conveyor.kit.database import Base


class PublicationList(Base):
    """A stretch of time whose facts were listed; the next one begins where it ends."""

    __tablename__ = "publication_lists"

    from_at: Mapped[datetime] = mapped_column(primary_key=True)
    until_at: Mapped[datetime]
    facts: Mapped[int] = mapped_column(Integer)


class IntakeCheck(Base):
    """A list that was heard. `unseen` are first the ids of all its facts that are heard here, then what never came."""

    __tablename__ = "intake_checks"
    __table_args__ = (
        Index(
            "ix_intake_checks_open",
            "from_at",
            postgresql_where=text("accepted_at IS NULL AND (compared_at IS NULL OR missing > 0)"),
        ),
    )

    list_id: Mapped[UUID] = mapped_column(primary_key=True)
    said_by: Mapped[str] = mapped_column(Text)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    awaited: Mapped[int] = mapped_column(Integer)
    unseen: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    missing: Mapped[int] = mapped_column(Integer, server_default="0")
    revision: Mapped[int] = mapped_column(Integer, server_default="0")
    compared_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None] = mapped_column(Text)
    accepted_reason: Mapped[str | None] = mapped_column(Text)
