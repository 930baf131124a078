"""Employees with the names that outside systems give them."""

from datetime import date
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class Employee(Base):
    """A person of the department. From 00:00 of `left_on` (department's zone) he owns nothing."""

    __tablename__ = "employees"

    employee_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    full_name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    payroll_number: Mapped[str] = mapped_column(Text, unique=True)
    hired_on: Mapped[date] = mapped_column(Date)
    left_on: Mapped[date | None] = mapped_column(Date)
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("employees.employee_id"))
    open_handoffs_max: Mapped[int | None] = mapped_column(Integer)


class NamedEmployee(Base):
    """A name of an employee in an outside system; valid while he is employed."""

    __tablename__ = "employee_references"
    __table_args__ = (Index("ix_employee_references_system", "system", "value"),)

    employee_id: Mapped[UUID] = mapped_column(ForeignKey("employees.employee_id"), primary_key=True)
    system: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
