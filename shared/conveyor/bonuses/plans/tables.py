"""Plan versions, drafts, replays, quotas, and who is on which plan. All but replays are insert only."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, Date, DateTime, ForeignKeyConstraint, Index, Integer, Text
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


class PlanDraft(Base):
    """A version that somebody wrote: never changed, in force only once it is published. `lint` as it was found."""

    __tablename__ = "bonus_plan_drafts"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    role: Mapped[str] = mapped_column(Text)
    effective_from: Mapped[date] = mapped_column(Date)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    author: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PlanPublication(Base):
    """Who approved a draft, on the strength of which replay, and which warnings he took note of."""

    __tablename__ = "bonus_plan_publications"
    __table_args__ = (
        ForeignKeyConstraint(
            ["code", "version"],
            ["bonus_plan_drafts.code", "bonus_plan_drafts.version"],
            name="fk_bonus_plan_publications_draft",
        ),
    )

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    approved_by: Mapped[str] = mapped_column(Text)
    replay_id: Mapped[UUID]
    acknowledged: Mapped[list[str]] = mapped_column(JSONB)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PlanReplay(Base):
    """A draft played over closed months. `cursor` says how far it came, so that it goes on after any interruption.

    `sums` is `{employee: {currency: [old minor units, new minor units]}}`.
    """

    __tablename__ = "bonus_plan_replays"
    __table_args__ = (
        ForeignKeyConstraint(
            ["code", "version"],
            ["bonus_plan_drafts.code", "bonus_plan_drafts.version"],
            name="fk_bonus_plan_replays_draft",
        ),
        Index("ix_bonus_plan_replays_code_version", "code", "version"),
        Index("ix_bonus_plan_replays_state", "state"),
    )

    replay_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    first_month: Mapped[str] = mapped_column(CHAR(7))
    last_month: Mapped[str] = mapped_column(CHAR(7))
    state: Mapped[str] = mapped_column(Text)
    phase: Mapped[str] = mapped_column(Text)
    cursor: Mapped[UUID | None]
    done: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    sums: Mapped[dict[str, Any]] = mapped_column(JSONB)
    requested_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Quota(Base):
    """What an employee is asked for in a month or quarter: a sum or a count. The highest revision stands."""

    __tablename__ = "bonus_quotas"

    employee_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(CHAR(3))
    count: Mapped[int | None] = mapped_column(Integer)
    actor: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
