"""Keep which copy of a fact the broker refused: tried again as an earlier one, it would be taken for a repetition."""

from alembic import op

revision = "kit_0007"
down_revision = "kit_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is buried counts as a first copy: most are, and nothing is known of the others."""
    op.execute("ALTER TABLE outbox_dead ADD COLUMN copy smallint DEFAULT 1 NOT NULL")


def downgrade() -> None:
    """No fact is touched."""
    op.execute("ALTER TABLE outbox_dead DROP COLUMN copy")
