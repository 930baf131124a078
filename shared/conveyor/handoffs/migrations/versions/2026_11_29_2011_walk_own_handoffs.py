"""Indexes by which somebody's own handoffs, deals and clients are found in the order of a page."""

from alembic import op

revision = "handoffs_0003_reads"
down_revision = "handoffs_0002_handoffs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whose it is, then the key of the page; what else a list asks for lies beside it."""
    for column in ("routed_to", "answered_by"):
        op.create_index(
            f"ix_received_handoffs_{column}_id",
            "received_handoffs",
            [column, "handoff_id"],
            postgresql_include=["state"],
        )
    op.create_index(
        "ix_owner_intervals_employee",
        "owner_intervals",
        ["employee_id", "thing_id"],
        postgresql_include=["from_at", "until"],
    )
    op.drop_index("ix_owner_intervals_employee_id", "owner_intervals")


def downgrade() -> None:
    """The shorter index again."""
    op.create_index("ix_owner_intervals_employee_id", "owner_intervals", ["employee_id", "thing_id"])
    op.drop_index("ix_owner_intervals_employee", "owner_intervals")
    for column in ("routed_to", "answered_by"):
        op.drop_index(f"ix_received_handoffs_{column}_id", "received_handoffs")
