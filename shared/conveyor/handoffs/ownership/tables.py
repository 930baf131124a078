"""Changes as recorded, and the intervals that follow from them and from the roster."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class OwnerChangeRow(Base):
    """From `from_at` on the thing belongs to `employee_id`; never updated, never deleted."""

    __tablename__ = "owner_changes"
    __table_args__ = (Index("ix_owner_changes_employee_id", "employee_id"),)

    thing_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    lead_id: Mapped[UUID]
    employee_id: Mapped[UUID]
    from_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OwnerIntervalRow(Base):
    """Derived: written anew whenever a change or a departure moves it. Vacancies have no row."""

    __tablename__ = "owner_intervals"
    __table_args__ = (
        Index("ix_owner_intervals_thing_id", "thing_id", "from_at"),
        # With the interval itself, so that what somebody owns is found without a look at the table.
        Index("ix_owner_intervals_employee", "employee_id", "thing_id", postgresql_include=["from_at", "until"]),
    )

    interval_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    thing_id: Mapped[UUID]
    employee_id: Mapped[UUID]
    from_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
