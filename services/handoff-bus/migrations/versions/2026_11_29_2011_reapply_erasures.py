"""Keep when erasures were applied again after a restore, and what the services said then."""

from alembic import op

revision = "handoff_bus_0016_reapplied"
down_revision = "handoff_bus_0015_acts"
branch_labels = None
depends_on = None

_UP = (
    "ALTER TABLE erasures ADD COLUMN reapplied_at timestamptz, ADD COLUMN purged_again_at timestamptz",
    "ALTER TABLE erasure_confirmations ADD COLUMN repeated_at timestamptz, ADD COLUMN erased_again jsonb",
    """
    CREATE INDEX ix_erasures_reapplied ON erasures (reapplied_at)
    WHERE purged_again_at IS DISTINCT FROM reapplied_at
    """,
    """
    CREATE TABLE erasure_reapplications (
        reapplication_id uuid NOT NULL,
        asked_at timestamptz NOT NULL,
        asked_by text NOT NULL,
        reason text NOT NULL,
        erasures integer NOT NULL,
        added integer NOT NULL,
        CONSTRAINT pk_erasure_reapplications PRIMARY KEY (reapplication_id)
    )
    """,
)
_DOWN = (
    "DROP TABLE erasure_reapplications",
    "DROP INDEX ix_erasures_reapplied",
    "ALTER TABLE erasure_confirmations DROP COLUMN repeated_at, DROP COLUMN erased_again",
    "ALTER TABLE erasures DROP COLUMN reapplied_at, DROP COLUMN purged_again_at",
)


def upgrade() -> None:
    """Nothing was applied again so far."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """What was erased stays erased."""
    for statement in _DOWN:
        op.execute(statement)
