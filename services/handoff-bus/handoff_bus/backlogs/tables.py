"""The newest report of each service."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class ReportedBacklog(Base):
    """What waited in a service when it said so. `parked` are `{thing, facts, oldest_at}`."""

    __tablename__ = "reported_backlogs"

    service: Mapped[str] = mapped_column(Text, primary_key=True)
    reported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    outbox: Mapped[int] = mapped_column(Integer)
    outbox_oldest_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    consumer: Mapped[int | None] = mapped_column(Integer)
    unpublishable: Mapped[int] = mapped_column(Integer)
    dead_letters: Mapped[int] = mapped_column(Integer)
    quarantined: Mapped[int] = mapped_column(Integer)
    missing: Mapped[int] = mapped_column(Integer)
    parked: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
