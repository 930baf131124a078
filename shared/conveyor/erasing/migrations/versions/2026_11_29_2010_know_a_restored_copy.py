"""Remember where this database stands, to know a copy of it that was restored."""

from alembic import op

revision = "erasing_0002_place"
down_revision = "erasing_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """At most one row; the service writes it at its first start."""
    op.execute(
        """
        CREATE TABLE erasures_place (
            is_here boolean DEFAULT true NOT NULL,
            place text NOT NULL,
            settled_at timestamptz NOT NULL,
            CONSTRAINT pk_erasures_place PRIMARY KEY (is_here),
            CONSTRAINT ck_erasures_place_one_row CHECK (is_here)
        )
        """
    )


def downgrade() -> None:
    """The next start writes it anew."""
    op.execute("DROP TABLE erasures_place")
