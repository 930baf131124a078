"""Contracts, the references under which outside systems know a deal, and what was offered to account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class DealContract(Base):
    """A signed contract; its number is unique in the department."""

    __tablename__ = "deal_contracts"
    __table_args__ = (UniqueConstraint("number"), Index("ix_deal_contracts_deal_id", "deal_id"))

    contract_id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.deal_id"))
    number: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(CHAR(3))
    signed_by: Mapped[UUID]
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DealReference(Base):
    """A name under which an outside system knows the deal (contract, invoice) or its lead (the rest)."""

    __tablename__ = "deal_references"
    __table_args__ = (Index("ix_deal_references_deal_id", "deal_id"),)

    system: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.deal_id"), primary_key=True)
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("deal_contracts.contract_id"))


class AccountOffer(Base):
    """A handoff offered to account, and its answer. One per lead is open or accepted at a time."""

    __tablename__ = "account_offers"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'accepted', 'returned', 'withdrawn')", name="state"),
        Index(
            "uq_account_offers_lead_id_standing",
            "lead_id",
            unique=True,
            postgresql_where=text("state IN ('offered', 'accepted')"),
        ),
        Index("ix_account_offers_deal_id", "deal_id"),
    )

    handoff_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.deal_id"))
    contract_number: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    offered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    return_reason: Mapped[str | None] = mapped_column(Text)
