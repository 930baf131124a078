"""Clients. Who owns a client is in the ownership tables of the handoffs room, under the lead's id."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Client(Base):
    """A lead in account's care. `handoff_id` brought it first; `opened_at` is business time; `revision` its ETag."""

    __tablename__ = "clients"

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    handoff_id: Mapped[UUID]
    company_name: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revision: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
