"""The copy's tables. Their names carry `roster_` because the owner of the roster has tables of the plain names."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, CHAR, Boolean, Date, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Employee(Base):
    """An employee as last announced; the highest revision stands."""

    __tablename__ = "roster_employees"
    __table_args__ = (Index("ix_roster_employees_role", "role"),)

    employee_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    full_name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    payroll_number: Mapped[str] = mapped_column(Text)
    hired_on: Mapped[date] = mapped_column(Date)
    left_on: Mapped[date | None] = mapped_column(Date)
    successor_id: Mapped[UUID | None]
    open_handoffs_max: Mapped[int | None] = mapped_column(Integer)


class Absence(Base):
    """Somebody is away in `[from_on, until_on)`, unless it was cancelled; the highest revision stands."""

    __tablename__ = "roster_absences"
    __table_args__ = (Index("ix_roster_absences_until_on", "until_on", "employee_id"),)

    absence_id: Mapped[UUID] = mapped_column(primary_key=True)
    employee_id: Mapped[UUID]
    revision: Mapped[int] = mapped_column(Integer)
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(Text)
    cancelled: Mapped[bool] = mapped_column(Boolean)


class Chain(Base):
    """People of the three stages who work together, from a day on."""

    __tablename__ = "roster_chains"

    chain_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    effective_from: Mapped[date] = mapped_column(Date)


class ChainMember(Base):
    """One member of a chain. The employee may be announced later than the chain."""

    __tablename__ = "roster_chain_members"
    __table_args__ = (Index("ix_roster_chain_members_employee_id", "employee_id"),)

    chain_id: Mapped[UUID] = mapped_column(primary_key=True)
    employee_id: Mapped[UUID] = mapped_column(primary_key=True)


class CalendarVersion(Base):
    """The department's calendar as announced under this revision."""

    __tablename__ = "roster_calendar_versions"

    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    effective_from: Mapped[date] = mapped_column(Date)
    zone: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(CHAR(3))
    working_weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    holidays: Mapped[list[date]] = mapped_column(ARRAY(Date))
    extra_working_days: Mapped[list[date]] = mapped_column(ARRAY(Date))
