"""Chains and who belongs to them."""

from datetime import date
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Chain(Base):
    """People of the three stages who work together, from a day on."""

    __tablename__ = "chains"

    chain_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    effective_from: Mapped[date] = mapped_column(Date)


class ChainMember(Base):
    """One member of a chain."""

    __tablename__ = "chain_members"

    chain_id: Mapped[UUID] = mapped_column(ForeignKey("chains.chain_id"), primary_key=True)
    employee_id: Mapped[UUID] = mapped_column(ForeignKey("employees.employee_id"), primary_key=True)
