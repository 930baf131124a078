"""Keep credentials of sources, and what was fetched back for a delivery."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "handoff_bus_0002_crm"
down_revision = "handoff_bus_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Both columns are read by the new release only."""
    op.add_column("sources", sa.Column("credentials", JSONB(), nullable=False, server_default=sa.text("'{}'")))
    op.add_column("deliveries", sa.Column("fetched", JSONB(), nullable=True))


def downgrade() -> None:
    """Credentials and fetched answers are lost."""
    op.drop_column("deliveries", "fetched")
    op.drop_column("sources", "credentials")
