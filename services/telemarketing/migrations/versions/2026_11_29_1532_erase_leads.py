"""Remember which leads are erased: nobody calls them again."""

import sqlalchemy as sa
from alembic import op

revision = "telemarketing_0003_erased"
down_revision = "telemarketing_0002_handoffs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column that no existing row has to be written for."""
    op.add_column("telemarketing_leads", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Erased leads go by their pseudonyms as if they were names."""
    op.drop_column("telemarketing_leads", "erased_at")
