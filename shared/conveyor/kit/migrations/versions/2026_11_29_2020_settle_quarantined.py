"""Let a person settle a quarantined message: who replayed or discarded it, when and why."""

from alembic import op

revision = "kit_0006"
down_revision = "kit_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there waits for a person."""
    op.execute(
        """
        ALTER TABLE quarantined_messages
            ADD COLUMN settled text,
            ADD COLUMN settled_at timestamptz,
            ADD COLUMN settled_by text,
            ADD COLUMN settled_reason text
        """
    )
    op.execute(
        "CREATE INDEX ix_quarantined_messages_open ON quarantined_messages (quarantined_at) WHERE settled IS NULL"
    )


def downgrade() -> None:
    """All wait again."""
    op.execute("DROP INDEX ix_quarantined_messages_open")
    op.execute(
        """
        ALTER TABLE quarantined_messages DROP COLUMN settled, DROP COLUMN settled_at, DROP COLUMN settled_by,
            DROP COLUMN settled_reason
        """
    )
