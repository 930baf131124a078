"""What the door refused: it stores no such delivery, so it counts them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class DoorRefusal(Base):
    """How many deliveries of a source the door refused in the hour that begins at `hour`, by the refusal's code."""

    __tablename__ = "door_refusals"

    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
