"""Indexes by which a telemarketer's leads and those of nobody are found, in the queue and by state."""

import sqlalchemy as sa
from alembic import op

revision = "telemarketing_0004_reads"
down_revision = "telemarketing_0003_erased"
branch_labels = None
depends_on = None


_WORKABLE = "state IN ('new', 'in_work', 'returned')"


def upgrade() -> None:
    """Owner, state and the page's key; for those of nobody, whom no value of the owner names, without the owner."""
    op.create_index("ix_telemarketing_leads_owner_state", "telemarketing_leads", ["owner_id", "state", "lead_id"])
    op.create_index(
        "ix_telemarketing_leads_of_nobody",
        "telemarketing_leads",
        ["state", "lead_id"],
        postgresql_where=sa.text("owner_id IS NULL"),
    )
    op.create_index(
        "ix_telemarketing_leads_queue_of_nobody",
        "telemarketing_leads",
        ["queue_rank", "next_contact_at", "lead_id"],
        postgresql_where=sa.text(f"{_WORKABLE} AND owner_id IS NULL"),
    )


def downgrade() -> None:
    """By owner alone."""
    for name in ("queue_of_nobody", "of_nobody", "owner_state"):
        op.drop_index(f"ix_telemarketing_leads_{name}", "telemarketing_leads")
