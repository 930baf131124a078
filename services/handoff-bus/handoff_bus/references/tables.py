"""Outside names of leads. Which claims on one exclusive name lost is kept too: somebody has to look at them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class CorrelatedLead(Base):
    """A lead that somebody has announced."""

    __tablename__ = "correlated_leads"

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ClaimedReference(Base):
    """A lead's claim on an outside name, in its normal form. Of an exclusive name one claim is `active`.

    A later claim of another lead is parked as `conflict` and correlates nothing, until a person awards it the name.
    """

    __tablename__ = "correlated_references"
    __table_args__ = (
        UniqueConstraint("system", "value", "lead_id"),
        Index(
            "uq_correlated_references_exclusive",
            "system",
            "value",
            unique=True,
            postgresql_where=text("state = 'active' AND system NOT IN ('phone', 'email')"),
        ),
        Index("ix_correlated_references_lead_id", "lead_id"),
        Index("ix_correlated_references_conflict", "reference_id", postgresql_where=text("state = 'conflict'")),
    )

    reference_id: Mapped[UUID] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    lead_id: Mapped[UUID]
    deal_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    awarded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    awarded_by: Mapped[str | None] = mapped_column(Text)
    awarded_reason: Mapped[str | None] = mapped_column(Text)
