"""The copy's tables. A fact is never changed; another fact takes it back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class BonusFact(Base):
    """One fact about a lead. `identity` is what makes it the same fact again: `source/payment_id`, an object's id.

    `event_id` names the message that brought it, `body` the fields of the contract that the engine needs.
    """

    __tablename__ = "bonus_facts"
    __table_args__ = (
        Index("ix_bonus_facts_lead_id_kind_occurred_at", "lead_id", "kind", "occurred_at"),
        Index("ix_bonus_facts_employee_id_occurred_at", "employee_id", "occurred_at"),
        Index("ix_bonus_facts_kind_occurred_at", "kind", "occurred_at"),
        Index(
            "ix_bonus_facts_payment_id",
            text("(body ->> 'payment_id')"),
            postgresql_where=text("kind IN ('payment_received', 'payment_refunded')"),
        ),
    )

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    identity: Mapped[str] = mapped_column(Text, primary_key=True)
    lead_id: Mapped[UUID]
    employee_id: Mapped[UUID | None]
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    event_id: Mapped[UUID]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)


class BonusCall(Base):
    """A finished call; it counts for its employee, whatever lead it was about."""

    __tablename__ = "bonus_calls"
    __table_args__ = (Index("ix_bonus_calls_employee_id_started_at", "employee_id", "started_at"),)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    call_id: Mapped[str] = mapped_column(Text, primary_key=True)
    employee_id: Mapped[UUID]
    lead_id: Mapped[UUID | None]
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    duration_seconds: Mapped[int] = mapped_column(Integer)
    event_id: Mapped[UUID]


class BonusLead(Base):
    """What the company is called, for statements and the payroll file; the ledger holds no names.

    Of several announcements the greatest (precedence, version, name) stands, so their order does not matter.
    """

    __tablename__ = "bonus_leads"

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    precedence: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
