"""What account offered to closing."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class UpsellOffer(Base):
    """A client offered to closing for another deal; at most one per client is open at a time."""

    __tablename__ = "upsell_offers"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'accepted', 'returned')", name="state"),
        Index("uq_upsell_offers_lead_id_open", "lead_id", unique=True, postgresql_where=text("state = 'offered'")),
    )

    handoff_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(Text)
    offered_by: Mapped[UUID]
    offered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    return_reason: Mapped[str | None] = mapped_column(Text)
