"""Create the copy of the roster."""

import sqlalchemy as sa
from alembic import op

revision = "roster_0001"
down_revision = None
branch_labels = ("roster",)
depends_on = None


def upgrade() -> None:
    """Employees, chains with members, calendar versions."""
    op.create_table(
        "roster_employees",
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("payroll_number", sa.Text(), nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("employee_id", name="pk_roster_employees"),
    )
    op.create_index("ix_roster_employees_role", "roster_employees", ["role"])
    op.create_table(
        "roster_chains",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", name="pk_roster_chains"),
    )
    op.create_table(
        "roster_chain_members",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "employee_id", name="pk_roster_chain_members"),
    )
    op.create_index("ix_roster_chain_members_employee_id", "roster_chain_members", ["employee_id"])
    op.create_table(
        "roster_calendar_versions",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("working_weekdays", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("holidays", sa.ARRAY(sa.Date()), nullable=False),
        sa.Column("extra_working_days", sa.ARRAY(sa.Date()), nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_roster_calendar_versions"),
    )


def downgrade() -> None:
    """Drop the copy; the stream can fill it again."""
    op.drop_table("roster_calendar_versions")
    op.drop_table("roster_chain_members")
    op.drop_table("roster_chains")
    op.drop_table("roster_employees")
