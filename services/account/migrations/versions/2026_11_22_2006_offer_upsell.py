"""Keep what is offered to closing."""

import sqlalchemy as sa
from alembic import op

revision = "account_0002_handoffs"
down_revision = "account_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One open offer per client."""
    op.create_table(
        "upsell_offers",
        sa.Column("handoff_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("handoff_id", name="pk_upsell_offers"),
        sa.CheckConstraint("state IN ('offered', 'accepted', 'returned')", name=op.f("ck_upsell_offers_state")),
    )
    op.create_index(
        "uq_upsell_offers_lead_id_open",
        "upsell_offers",
        ["lead_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("upsell_offers")
