"""Keep what each service says that it waits for."""

from alembic import op

revision = "handoff_bus_0014_backlogs"
down_revision = "handoff_bus_0013_self_check"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE reported_backlogs (
    service text NOT NULL,
    reported_at timestamptz NOT NULL,
    outbox integer NOT NULL,
    outbox_oldest_at timestamptz,
    consumer integer,
    unpublishable integer NOT NULL,
    dead_letters integer NOT NULL,
    quarantined integer NOT NULL,
    missing integer NOT NULL,
    parked jsonb NOT NULL,
    CONSTRAINT pk_reported_backlogs PRIMARY KEY (service)
)
"""


def upgrade() -> None:
    """One row per service."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Drop it; the next reports make it again."""
    op.execute("DROP TABLE reported_backlogs")
