"""Remember how far a handoff is overdue and whether it was escalated."""

import sqlalchemy as sa
from alembic import op

revision = "handoffs_0002_handoffs"
down_revision = "handoffs_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Four columns of the inbox, and an index over what waits for the head."""
    op.add_column("received_handoffs", sa.Column("routed_because", sa.Text(), nullable=True))
    op.add_column("received_handoffs", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "received_handoffs", sa.Column("overdue_level", sa.SmallInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column("received_handoffs", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_received_handoffs_escalated",
        "received_handoffs",
        ["handoff_id"],
        postgresql_where=sa.text("escalated_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Forget deadlines."""
    op.drop_index("ix_received_handoffs_escalated", "received_handoffs")
    for column in ("escalated_at", "overdue_level", "due_at", "routed_because"):
        op.drop_column("received_handoffs", column)
