"""Keep the record of erasures, and since when a delivery's raw request is gone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "handoff_bus_0008_erasures"
down_revision = "handoff_bus_0007_health"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables, and a column that no existing row has to be written for."""
    op.create_table(
        "erasures",
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("request_number", sa.Text(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("carried_out_by", sa.Text(), nullable=False),
        sa.Column("purged_messages", sa.BigInteger(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("erasure_id", name="pk_erasures"),
        sa.UniqueConstraint("kind", "subject_id", name="uq_erasures_kind_subject_id"),
    )
    op.create_index("ix_erasures_open", "erasures", ["requested_at"], postgresql_where=sa.text("completed_at IS NULL"))
    op.create_table(
        "erasure_confirmations",
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", "service", name="pk_erasure_confirmations"),
        sa.ForeignKeyConstraint(
            ["erasure_id"], ["erasures.erasure_id"], name="fk_erasure_confirmations_erasure_id_erasures"
        ),
    )
    op.add_column("deliveries", sa.Column("raw_removed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_deliveries_raw", "deliveries", ["delivery_id"], postgresql_where=sa.text("raw_removed_at IS NULL")
    )


def downgrade() -> None:
    """What was erased stays erased, the record of it goes."""
    op.drop_index("ix_deliveries_raw", "deliveries")
    op.drop_column("deliveries", "raw_removed_at")
    op.drop_table("erasure_confirmations")
    op.drop_table("erasures")
