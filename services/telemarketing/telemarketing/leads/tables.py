"""Leads and what belongs to them. Table names carry the service, for all services share one metadata in the tests."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base

WORKABLE = "state IN ('new', 'in_work', 'returned')"
"""States in which the queue may give the lead to somebody; also the predicate of the queue's index."""


class Lead(Base):
    """A company on the line. `state` and the queue's columns are derived (see `standing`), the owner by `ownership`."""

    __tablename__ = "telemarketing_leads"
    __table_args__ = (
        CheckConstraint("mechanics IN ('cold', 'warm')", name="mechanics_known"),
        Index(
            "ix_telemarketing_leads_queue",
            "owner_id",
            "queue_rank",
            "next_contact_at",
            "lead_id",
            postgresql_where=text(WORKABLE),
        ),
        Index("ix_telemarketing_leads_owner", "owner_id", "lead_id"),
        # Those of nobody have indexes of their own: PostgreSQL does not take IS NULL for one value, so an index that
        # begins with the owner gives them in no order, and each look would sort them all.
        Index(
            "ix_telemarketing_leads_queue_of_nobody",
            "queue_rank",
            "next_contact_at",
            "lead_id",
            postgresql_where=text(f"{WORKABLE} AND owner_id IS NULL"),
        ),
        Index("ix_telemarketing_leads_of_nobody", "state", "lead_id", postgresql_where=text("owner_id IS NULL")),
        Index("ix_telemarketing_leads_owner_state", "owner_id", "state", "lead_id"),
        Index("ix_telemarketing_leads_state", "state", "lead_id"),
        Index("ix_telemarketing_leads_owner_until", "owner_until", postgresql_where=text("owner_until IS NOT NULL")),
    )

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    company_name: Mapped[str] = mapped_column(Text)
    inn: Mapped[str | None] = mapped_column(Text)
    website: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    campaign: Mapped[str | None] = mapped_column(Text)
    mechanics: Mapped[str] = mapped_column(Text)
    segment: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    registered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_by: Mapped[UUID | None]
    """The employee who recorded it; empty for inquiries, imports and other systems."""
    described_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the inquiry that describes the lead came; empty once a person described it."""
    owner_id: Mapped[UUID | None]
    owner_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When `owner_id` must be derived again, because somebody leaves then."""
    worked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    queue_rank: Mapped[int] = mapped_column(SmallInteger)
    next_contact_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    leased_to: Mapped[UUID | None]
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    erased_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class LeadContact(Base):
    """A person at the lead's company; `position_no` keeps the order in which they were named."""

    __tablename__ = "telemarketing_contacts"
    __table_args__ = (Index("ix_telemarketing_contacts_lead_id", "lead_id"),)

    contact_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("telemarketing_leads.lead_id"))
    position_no: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str | None] = mapped_column(Text)
    influence: Mapped[str | None] = mapped_column(Text)


class LeadReference(Base):
    """A name under which outside systems know the lead; `match_key` is the value without differences of spelling.

    Phones and e-mails may be shared by several leads, every other reference belongs to one. No foreign key: a
    reference may be announced by another service before the lead is known here.
    """

    __tablename__ = "telemarketing_lead_references"
    __table_args__ = (
        Index(
            "uq_telemarketing_lead_references_one_lead",
            "system",
            "match_key",
            unique=True,
            postgresql_where=text("system NOT IN ('phone', 'email')"),
        ),
    )

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(Text, primary_key=True)
    match_key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class LeadAssignment(Base):
    """Somebody was made owner from an instant on; nobody, when the lead went back to the queue."""

    __tablename__ = "telemarketing_lead_assignments"
    __table_args__ = (
        Index("ix_telemarketing_lead_assignments_lead_id", "lead_id"),
        Index("ix_telemarketing_lead_assignments_employee_id", "employee_id"),
    )

    assignment_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("telemarketing_leads.lead_id"))
    employee_id: Mapped[UUID | None]
    from_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LeadOwnership(Base):
    """Who owns the lead in `[from_at, until_at)`: derived from the assignments and from who left."""

    __tablename__ = "telemarketing_lead_ownerships"

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("telemarketing_leads.lead_id"), primary_key=True)
    from_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    until_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    employee_id: Mapped[UUID]


class Inquiry(Base):
    """The lead wrote or called by itself; one row per delivery. No foreign key: it may come before the lead."""

    __tablename__ = "telemarketing_inquiries"
    __table_args__ = (Index("ix_telemarketing_inquiries_lead_id", "lead_id"),)

    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    channel: Mapped[str] = mapped_column(Text)
    campaign: Mapped[str | None] = mapped_column(Text)
    mechanics: Mapped[str] = mapped_column(Text)
