"""Keep the leads that closing gave back."""

import sqlalchemy as sa
from alembic import op

revision = "telemarketing_0002_handoffs"
down_revision = "telemarketing_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row per handoff back."""
    op.create_table(
        "telemarketing_nurtured_leads",
        sa.Column("handoff_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("ends_handoff_id", sa.Uuid(), nullable=True),
        sa.Column("deal_id", sa.Uuid(), nullable=True),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resume_on", sa.Date(), nullable=False),
        sa.Column("resume_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("handoff_id", name="pk_telemarketing_nurtured_leads"),
    )
    op.create_index("ix_telemarketing_nurtured_leads_lead_id", "telemarketing_nurtured_leads", ["lead_id"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("telemarketing_nurtured_leads")
