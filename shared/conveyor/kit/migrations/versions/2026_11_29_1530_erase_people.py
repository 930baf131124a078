"""Remember which keys are erased, and which rows of the log the stream lost on purpose."""

import sqlalchemy as sa
from alembic import op

revision = "kit_0002"
down_revision = "kit_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table, and a column that no existing row has to be written for."""
    op.create_table(
        "erased_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("part", sa.Uuid(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "part", name="pk_erased_keys"),
    )
    op.add_column("outbox_log", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Erased facts stay without persons; the stream is believed to have lost them."""
    op.drop_column("outbox_log", "erased_at")
    op.drop_table("erased_keys")
