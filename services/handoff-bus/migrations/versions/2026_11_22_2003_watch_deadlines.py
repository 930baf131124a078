"""Keep deadlines of handoffs, absences, and how many open handoffs an employee may have."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "handoff_bus_0003_handoffs"
down_revision = "handoff_bus_0002_crm"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Policies, deadlines, absences, capacity."""
    op.add_column("employees", sa.Column("open_handoffs_max", sa.Integer(), nullable=True))
    op.create_table(
        "absences",
        sa.Column("absence_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("absence_id", name="pk_absences"),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.employee_id"], name="fk_absences_employee_id_employees"),
    )
    op.create_index("ix_absences_employee_id", "absences", ["employee_id", "from_on"])
    _create_deadlines()


def _create_deadlines() -> None:
    op.create_table(
        "deadline_versions",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("day_starts", sa.Time(), nullable=False),
        sa.Column("day_ends", sa.Time(), nullable=False),
        sa.Column("directions", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_deadline_versions"),
    )
    op.create_table(
        "handoff_deadlines",
        sa.Column("handoff_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("from_stage", sa.Text(), nullable=False),
        sa.Column("to_stage", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_overdue_by", sa.Uuid(), nullable=True),
        sa.Column("second_overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_overdue_by", sa.Uuid(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("computed_under", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("handoff_id", name="pk_handoff_deadlines"),
    )
    op.create_index(
        "ix_handoff_deadlines_next_at",
        "handoff_deadlines",
        ["next_at"],
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index("ix_handoff_deadlines_first_overdue_at", "handoff_deadlines", ["first_overdue_at"])


def downgrade() -> None:
    """Forget them."""
    for table in ("handoff_deadlines", "deadline_versions", "absences"):
        op.drop_table(table)
    op.drop_column("employees", "open_handoffs_max")
