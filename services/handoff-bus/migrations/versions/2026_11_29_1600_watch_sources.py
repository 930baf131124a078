"""Count what the door refuses, and let each source have a silence alarm of its own."""

import sqlalchemy as sa
from alembic import op

revision = "handoff_bus_0007_health"
down_revision = "handoff_bus_0006_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Both are read by the new release only."""
    op.add_column("sources", sa.Column("silent_after_minutes", sa.Integer()))
    op.create_table(
        "door_refusals",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "hour", "code", name="pk_door_refusals"),
    )


def downgrade() -> None:
    """The counts are forgotten."""
    op.drop_table("door_refusals")
    op.drop_column("sources", "silent_after_minutes")
