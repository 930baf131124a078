"""Remember who gave a name to which of two leads, and why."""

from alembic import op

revision = "handoff_bus_0012_awards"
down_revision = "handoff_bus_0011_dead_letters"
branch_labels = None
depends_on = None

COLUMNS = {"awarded_at": "timestamptz", "awarded_by": "text", "awarded_reason": "text"}


def upgrade() -> None:
    """New columns without a value."""
    for name, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE correlated_references ADD COLUMN {name} {kind}")


def downgrade() -> None:
    """Who decided is forgotten; what was decided stands."""
    for name in COLUMNS:
        op.execute(f"ALTER TABLE correlated_references DROP COLUMN {name}")
