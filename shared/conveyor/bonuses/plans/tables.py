"""Plan versions and who is on which plan. Both are insert only."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class PlanVersion(Base):
    """An immutable version of a plan of one role; `document` is a plan document, in force from `effective_from`."""

    __tablename__ = "bonus_plan_versions"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    role: Mapped[str] = mapped_column(Text)
    effective_from: Mapped[date] = mapped_column(Date)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)


class PlanAssignmentSet(Base):
    """An employee's assignments as one set, `[{plan, from_on, until_on}]`; the highest revision stands.

    An employee without a set is on his role's standard plan from `hired_on`.
    """

    __tablename__ = "bonus_plan_assignments"

    employee_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    assignments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    actor: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
