"""Remember payments and the stretches of them that were given back, for refunds told by totals or without an id."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "handoff_bus_0004_payments"
down_revision = "handoff_bus_0003_handoffs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Both tables are read by the new release only."""
    op.create_table(
        "paid_payments",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("names", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "payment_id", name="pk_paid_payments"),
    )
    op.create_index("ix_paid_payments_source_id_lead_id", "paid_payments", ["source_id", "lead_id"])
    op.create_table(
        "told_refunds",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("refund_id", sa.Text(), nullable=False),
        sa.Column("from_minor", sa.BigInteger(), nullable=False),
        sa.Column("to_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "payment_id", "refund_id", name="pk_told_refunds"),
    )
    waiting = sa.text("state = 'received' AND reason = 'awaits_fetch'")
    op.create_index("ix_deliveries_awaiting_fetch", "deliveries", ["retry_at"], postgresql_where=waiting)


def downgrade() -> None:
    """What was given back of which payment is forgotten."""
    op.drop_index("ix_deliveries_awaiting_fetch", table_name="deliveries")
    op.drop_table("told_refunds")
    op.drop_table("paid_payments")
