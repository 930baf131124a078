"""Deliveries as they came, what they wait for, and the outside ids that must stay unique for good.

No foreign keys here: they cost a query per row at the door, and neither sources nor deliveries are ever deleted.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, DateTime, Index, Integer, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Delivery(Base):
    """A webhook delivery: its bytes, and what became of it.

    `dedupe_key` is unique per source. Of a delivery whose key came before with another body it is the key and the
    hash of its own body, so that the conflicting delivery is kept once, quarantined. `headers` also hold `:method` and
    `:query` (names as in HTTP/2) where it did not come by POST without a query. `fetched` are the answers of the
    source's API to the delivery's fetch plans, by name: text, or null for what the source does not know. `names` is
    what its events name, such as `contract:C-17` or `payment:P1`, for those who look for it. All but the key is empty
    since `raw_removed_at`.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("source_id", "dedupe_key"),
        Index("ix_deliveries_received", "delivery_id", postgresql_where=text("state = 'received'")),
        Index("ix_deliveries_state", "state", "delivery_id"),
        Index(
            "ix_deliveries_awaiting_fetch",
            "retry_at",
            postgresql_where=text("state = 'received' AND reason = 'awaits_fetch'"),
        ),
        Index("ix_deliveries_lead_id", "lead_id", postgresql_where=text("lead_id IS NOT NULL")),
        Index("ix_deliveries_source_id", "source_id", "delivery_id"),
        Index("ix_deliveries_received_at", "received_at", postgresql_using="brin"),
        Index("ix_deliveries_names", "names", postgresql_using="gin"),
        Index("ix_deliveries_raw", "delivery_id", postgresql_where=text("raw_removed_at IS NULL")),
    )

    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID]
    dedupe_key: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    type: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    retry_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    matched_lead_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    employee_id: Mapped[UUID | None]
    fetched: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    facts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    names: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    raw_removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DeliveryWait(Base):
    """Something that a parked delivery waits for, such as `lead:contract:C-17`."""

    __tablename__ = "delivery_waits"
    __table_args__ = (Index("ix_delivery_waits_thing", "thing"),)

    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    thing: Mapped[str] = mapped_column(Text, primary_key=True)


class OutsideFact(Base):
    """An id that a source gave to a call, a payment, a refund or a reply; the first content under it stands.

    `event_id`, `lead_id` are there once its fact was said. Never partitioned, never cleaned (DESIGN, section 3).
    """

    __tablename__ = "outside_facts"

    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    outside_id: Mapped[str] = mapped_column(Text, primary_key=True)
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    delivery_id: Mapped[UUID]
    event_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]


class PaidPayment(Base):
    """A published payment of a source whose refunds are told by totals, or without naming their payment."""

    __tablename__ = "paid_payments"
    __table_args__ = (Index("ix_paid_payments_source_id_lead_id", "source_id", "lead_id"),)

    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[str] = mapped_column(Text, primary_key=True)
    lead_id: Mapped[UUID]
    paid_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    names: Mapped[list[list[str]]] = mapped_column(JSONB)


class ToldRefund(Base):
    """The stretch of a payment, in minor units, that a refund gave back; the same stretch is given back once."""

    __tablename__ = "told_refunds"

    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[str] = mapped_column(Text, primary_key=True)
    refund_id: Mapped[str] = mapped_column(Text, primary_key=True)
    from_minor: Mapped[int] = mapped_column(BigInteger)
    to_minor: Mapped[int] = mapped_column(BigInteger)
