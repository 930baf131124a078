"""List what was said, compare lists with what was taken, count the copies of a fact that was published again."""

from alembic import op

revision = "kit_0004"
down_revision = "kit_0003"
branch_labels = None
depends_on = None

_LISTS = """
CREATE TABLE publication_lists (
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    facts integer NOT NULL,
    CONSTRAINT pk_publication_lists PRIMARY KEY (from_at)
)
"""
_CHECKS = """
CREATE TABLE intake_checks (
    list_id uuid NOT NULL,
    said_by text NOT NULL,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    awaited integer NOT NULL,
    unseen uuid[] NOT NULL,
    missing integer DEFAULT 0 NOT NULL,
    revision integer DEFAULT 0 NOT NULL,
    compared_at timestamptz,
    accepted_at timestamptz,
    accepted_by text,
    accepted_reason text,
    CONSTRAINT pk_intake_checks PRIMARY KEY (list_id)
)
"""
_OPEN = """
CREATE INDEX ix_intake_checks_open ON intake_checks (from_at)
    WHERE accepted_at IS NULL AND (compared_at IS NULL OR missing > 0)
"""


def upgrade() -> None:
    """New tables; facts published so far are first copies."""
    op.execute("ALTER TABLE outbox ADD COLUMN copy smallint DEFAULT 1 NOT NULL")
    op.execute("ALTER TABLE outbox_log ADD COLUMN copy smallint DEFAULT 1 NOT NULL")
    op.execute(_LISTS)
    op.execute(_CHECKS)
    op.execute(_OPEN)


def downgrade() -> None:
    """Drop what the self-check knows; no fact is touched."""
    op.execute("DROP TABLE intake_checks")
    op.execute("DROP TABLE publication_lists")
    op.execute("ALTER TABLE outbox_log DROP COLUMN copy")
    op.execute("ALTER TABLE outbox DROP COLUMN copy")
