"""Replays and how far each of them is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class DeliveryReplay(Base):
    """`asked` is the request as it came. Deliveries are read in their order, `after_id` was the last that was read.

    Those that came in later than the replay was asked for are none of it: their ids are greater than its own.

    `outcomes` counts those that were looked at by the state they have then.
    """

    __tablename__ = "delivery_replays"
    __table_args__ = (Index("ix_delivery_replays_running", "replay_id", postgresql_where=text("finished_at IS NULL")),)

    replay_id: Mapped[UUID] = mapped_column(primary_key=True)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    total: Mapped[int] = mapped_column(Integer)
    after_id: Mapped[UUID | None]
    outcomes: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'"))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
