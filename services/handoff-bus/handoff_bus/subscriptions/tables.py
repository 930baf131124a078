"""Subscriptions and their secrets."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Subscription(Base):
    """Where the facts of `fact_types` are sent to.

    `failing_since` is the first failure after the last success, `rest_until` what the subscriber asked for when he had
    too much of it.
    """

    __tablename__ = "subscriptions"

    subscription_id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    fact_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    description: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    failing_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rest_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SubscriptionSecret(Base):
    """A secret that dispatches are signed with; after a rotation the old one signs too until `valid_until`."""

    __tablename__ = "subscription_secrets"
    __table_args__ = (Index("ix_subscription_secrets_subscription_id", "subscription_id"),)

    secret_id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscriptions.subscription_id"))
    secret: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
