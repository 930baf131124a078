"""Count the revisions of dead letters; let a fact that can never be published be discarded with a reason."""

from alembic import op

revision = "kit_0003"
down_revision = "kit_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Columns with defaults, and the index of what stops a key."""
    op.execute("ALTER TABLE dead_letters ADD COLUMN revision integer DEFAULT 1 NOT NULL")
    op.execute("ALTER TABLE outbox_dead ADD COLUMN discarded_at timestamptz")
    op.execute("ALTER TABLE outbox_dead ADD COLUMN discarded_by text")
    op.execute("ALTER TABLE outbox_dead ADD COLUMN discarded_reason text")
    op.execute("DROP INDEX ix_outbox_dead_key")
    op.execute("CREATE INDEX ix_outbox_dead_key ON outbox_dead (key) WHERE discarded_at IS NULL")


def downgrade() -> None:
    """Discarded facts stop their keys again."""
    op.execute("DROP INDEX ix_outbox_dead_key")
    op.execute("ALTER TABLE outbox_dead DROP COLUMN discarded_at, DROP COLUMN discarded_by")
    op.execute("ALTER TABLE outbox_dead DROP COLUMN discarded_reason")
    op.execute("CREATE INDEX ix_outbox_dead_key ON outbox_dead (key)")
    op.execute("ALTER TABLE dead_letters DROP COLUMN revision")
