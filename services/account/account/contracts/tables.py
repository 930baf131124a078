"""Contracts of leads, as announced; a contract may be known before its lead is a client."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, DateTime, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class ClientContract(Base):
    """A signed contract; its number is unique in the department."""

    __tablename__ = "client_contracts"
    __table_args__ = (Index("ix_client_contracts_lead_id", "lead_id"),)

    number: Mapped[str] = mapped_column(Text, primary_key=True)
    lead_id: Mapped[UUID]
    deal_id: Mapped[UUID]
    signed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(CHAR(3))
