"""Closed months. A month without a row is open, unless a later one is closed."""

from datetime import datetime

from sqlalchemy import CHAR, BigInteger, DateTime, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class ClosedPeriod(Base):
    """A month that was closed, with the journal's watermark and head at that moment."""

    __tablename__ = "bonus_closed_periods"

    period: Mapped[str] = mapped_column(CHAR(7), primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closed_by: Mapped[str] = mapped_column(Text)
    statements: Mapped[int] = mapped_column(Integer)
    journal_no: Mapped[int] = mapped_column(BigInteger)
    chain_head: Mapped[str] = mapped_column(CHAR(64))


class PeriodReview(Base):
    """A month that was put up for review; it stays open for postings until it is closed."""

    __tablename__ = "bonus_period_reviews"

    period: Mapped[str] = mapped_column(CHAR(7), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    opened_by: Mapped[str] = mapped_column(Text)
