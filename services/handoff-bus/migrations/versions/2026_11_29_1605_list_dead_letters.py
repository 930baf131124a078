"""List the dead letters of all services."""

from alembic import op

revision = "handoff_bus_0011_dead_letters"
down_revision = "handoff_bus_0010_write_backs"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE announced_dead_letters (
    service text NOT NULL,
    message_id uuid NOT NULL,
    revision integer NOT NULL,
    key text NOT NULL,
    said_by text NOT NULL,
    fact text NOT NULL,
    stream_seq bigint NOT NULL,
    attempts smallint NOT NULL,
    replays smallint NOT NULL,
    reason text NOT NULL,
    died_at timestamptz NOT NULL,
    state text NOT NULL,
    settled_at timestamptz,
    settled_by text,
    settled_reason text,
    CONSTRAINT pk_announced_dead_letters PRIMARY KEY (service, message_id),
    CONSTRAINT ck_announced_dead_letters_state CHECK (state IN ('open', 'replayed', 'discarded'))
)
"""


def upgrade() -> None:
    """The table and its indexes."""
    op.execute(_TABLE)
    op.execute(
        "CREATE INDEX ix_announced_dead_letters_died_at ON announced_dead_letters (died_at, service, message_id)"
    )
    op.execute("CREATE INDEX ix_announced_dead_letters_open ON announced_dead_letters (died_at) WHERE state = 'open'")
    op.execute("CREATE INDEX ix_announced_dead_letters_key ON announced_dead_letters (key)")


def downgrade() -> None:
    """Drop it; the services keep their own."""
    op.execute("DROP TABLE announced_dead_letters")
