"""Webhook sources and their secrets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Source(Base):
    """An outside system that pushes webhooks to `/webhooks/{name}`. `settings` hold no secret.

    `credentials` are those settings that are secret, such as a token for the source's own API; they are never shown.
    `silent_after_minutes` of working time raise the silence alarm: 0 never, null as is usual for the kind.
    """

    __tablename__ = "sources"

    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    credentials: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    silent_after_minutes: Mapped[int | None] = mapped_column(Integer)


class SourceSecret(Base):
    """A secret of a source; after a rotation the old one is valid until `valid_until`."""

    __tablename__ = "source_secrets"
    __table_args__ = (Index("ix_source_secrets_source_id", "source_id"),)

    secret_id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("sources.source_id"))
    secret: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
