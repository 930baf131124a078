"""Keep in the record of an erasure what the act says of its day: operator, processors, responsible, system, way."""

from alembic import op

revision = "handoff_bus_0015_acts"
down_revision = "handoff_bus_0014_backlogs"
branch_labels = None
depends_on = None

_ADD = """
ALTER TABLE erasures
    ADD COLUMN operator_name text,
    ADD COLUMN operator_address text,
    ADD COLUMN processors jsonb,
    ADD COLUMN responsible_name text,
    ADD COLUMN responsible_position text,
    ADD COLUMN system text,
    ADD COLUMN method text,
    ADD COLUMN categories text[]
"""
_DROP = """
ALTER TABLE erasures
    DROP COLUMN operator_name, DROP COLUMN operator_address, DROP COLUMN processors, DROP COLUMN responsible_name,
    DROP COLUMN responsible_position, DROP COLUMN system, DROP COLUMN method, DROP COLUMN categories
"""


def upgrade() -> None:
    """Nobody knows what held on the day of an older erasure, so those keep null."""
    op.execute(_ADD)


def downgrade() -> None:
    """The acts lose what they said."""
    op.execute(_DROP)
