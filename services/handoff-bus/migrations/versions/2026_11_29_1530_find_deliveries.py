"""Let deliveries be found by what they name, by source and by time, and replayed many at a time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "handoff_bus_0006_search"
down_revision = "handoff_bus_0005_payroll"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Deliveries settled by an older release have no names until they are replayed."""
    op.add_column("deliveries", sa.Column("names", ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'")))
    op.create_index("ix_deliveries_source_id", "deliveries", ["source_id", "delivery_id"])
    op.create_index("ix_deliveries_received_at", "deliveries", ["received_at"], postgresql_using="brin")
    op.create_index("ix_deliveries_names", "deliveries", ["names"], postgresql_using="gin")
    op.create_table(
        "delivery_replays",
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", JSONB(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("after_id", sa.Uuid()),
        sa.Column("outcomes", JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("replay_id", name="pk_delivery_replays"),
    )
    running = sa.text("finished_at IS NULL")
    op.create_index("ix_delivery_replays_running", "delivery_replays", ["replay_id"], postgresql_where=running)


def downgrade() -> None:
    """Names are read again when a delivery is; how far replays are is forgotten."""
    op.drop_table("delivery_replays")
    op.drop_index("ix_deliveries_names", table_name="deliveries")
    op.drop_index("ix_deliveries_received_at", table_name="deliveries")
    op.drop_index("ix_deliveries_source_id", table_name="deliveries")
    op.drop_column("deliveries", "names")
