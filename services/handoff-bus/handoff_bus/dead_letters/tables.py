"""What the services said about messages they gave up. The message's body is not copied here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, Integer, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class AnnouncedDeadLetter(Base):
    """One message that one service gave up, in its newest state."""

    __tablename__ = "announced_dead_letters"
    __table_args__ = (
        Index("ix_announced_dead_letters_died_at", "died_at", "service", "message_id"),
        Index("ix_announced_dead_letters_open", "died_at", postgresql_where=text("state = 'open'")),
        Index("ix_announced_dead_letters_key", "key"),
    )

    service: Mapped[str] = mapped_column(Text, primary_key=True)
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(Text)
    said_by: Mapped[str] = mapped_column(Text)
    fact: Mapped[str] = mapped_column(Text)
    stream_seq: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(SmallInteger)
    replays: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    died_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_reason: Mapped[str | None] = mapped_column(Text)
