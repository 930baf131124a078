"""Keep what is offered back to telemarketing."""

import sqlalchemy as sa
from alembic import op

revision = "closing_0002_handoffs"
down_revision = "closing_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One open offer per lead, one per deal ever."""
    op.create_table(
        "nurture_offers",
        sa.Column("handoff_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("resume_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("handoff_id", name="pk_nurture_offers"),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.deal_id"], name="fk_nurture_offers_deal_id_deals"),
        sa.CheckConstraint("state IN ('offered', 'accepted', 'returned')", name=op.f("ck_nurture_offers_state")),
    )
    op.create_index(
        "uq_nurture_offers_lead_id_open",
        "nurture_offers",
        ["lead_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index("uq_nurture_offers_deal_id", "nurture_offers", ["deal_id"], unique=True)


def downgrade() -> None:
    """Forget them."""
    op.drop_table("nurture_offers")
