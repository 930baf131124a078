"""Keep absences and how many open handoffs an employee may have."""

import sqlalchemy as sa
from alembic import op

revision = "roster_0002_handoffs"
down_revision = "roster_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row per absence; a column beside the employee."""
    op.add_column("roster_employees", sa.Column("open_handoffs_max", sa.Integer(), nullable=True))
    op.create_table(
        "roster_absences",
        sa.Column("absence_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("absence_id", name="pk_roster_absences"),
    )
    op.create_index("ix_roster_absences_until_on", "roster_absences", ["until_on", "employee_id"])


def downgrade() -> None:
    """Forget absences."""
    op.drop_table("roster_absences")
    op.drop_column("roster_employees", "open_handoffs_max")
