"""Create the table of erasures that a service was told of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "erasing_0001"
down_revision = None
branch_labels = ("erasing",)
depends_on = None


def upgrade() -> None:
    """One row per erasure."""
    op.create_table(
        "erasures_here",
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased", postgresql.JSONB(), nullable=False),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("erasure_id", name="pk_erasures_here"),
    )
    op.create_index(
        "ix_erasures_here_open", "erasures_here", ["erased_at"], postgresql_where=sa.text("carried_out_at IS NULL")
    )


def downgrade() -> None:
    """What was erased stays erased."""
    op.drop_table("erasures_here")
