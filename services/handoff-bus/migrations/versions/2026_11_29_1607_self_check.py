"""Keep what the services listed of their facts and what their readers found."""

from alembic import op

revision = "handoff_bus_0013_self_check"
down_revision = "handoff_bus_0012_awards"
branch_labels = None
depends_on = None

_LISTED = """
CREATE TABLE listed_publications (
    list_id uuid NOT NULL,
    service text NOT NULL,
    day date NOT NULL,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    part integer NOT NULL,
    parts integer NOT NULL,
    facts integer NOT NULL,
    CONSTRAINT pk_listed_publications PRIMARY KEY (list_id)
)
"""
_COMPARED = """
CREATE TABLE compared_intake (
    reader text NOT NULL,
    list_id uuid NOT NULL,
    said_by text NOT NULL,
    day date NOT NULL,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    revision integer NOT NULL,
    awaited integer NOT NULL,
    missing_count integer NOT NULL,
    missing uuid[] NOT NULL,
    accepted_reason text,
    compared_at timestamptz NOT NULL,
    CONSTRAINT pk_compared_intake PRIMARY KEY (reader, list_id)
)
"""


def upgrade() -> None:
    """Two tables and their indexes."""
    op.execute(_LISTED)
    op.execute("CREATE INDEX ix_listed_publications_day ON listed_publications (day, service)")
    op.execute(_COMPARED)
    op.execute("CREATE INDEX ix_compared_intake_day ON compared_intake (day, said_by)")
    op.execute("CREATE INDEX ix_compared_intake_gaps ON compared_intake (from_at) WHERE missing_count > 0")


def downgrade() -> None:
    """Drop both; the services keep their own."""
    op.execute("DROP TABLE compared_intake")
    op.execute("DROP TABLE listed_publications")
