"""Absences of employees."""

from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Absence(Base):
    """Somebody is away in `[from_on, until_on)`; a cancelled one stays as a record."""

    __tablename__ = "absences"
    __table_args__ = (Index("ix_absences_employee_id", "employee_id", "from_on"),)

    absence_id: Mapped[UUID] = mapped_column(primary_key=True)
    employee_id: Mapped[UUID] = mapped_column(ForeignKey("employees.employee_id"))
    revision: Mapped[int] = mapped_column(Integer)
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(Text)
    cancelled: Mapped[bool] = mapped_column(Boolean)
