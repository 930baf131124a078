"""Create the trail of reads of personal data; the application's role may only add to it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "kit_0005"
down_revision = "kit_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table, and rights that do not let anybody of the service rewrite it."""
    op.create_table(
        "personal_data_reads",
        sa.Column("read_no", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("read_no", name="pk_personal_data_reads"),
    )
    op.create_index("ix_personal_data_reads_actor", "personal_data_reads", ["actor", "read_no"])
    op.create_index(
        "ix_personal_data_reads_subject_ids", "personal_data_reads", ["subject_ids"], postgresql_using="gin"
    )
    op.execute(
        """
        DO $$
        DECLARE
            app text := replace(current_user, '_owner', '_app');
        BEGIN
            IF app <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
                EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON personal_data_reads FROM %I', app);
            END IF;
        END
        $$
        """
    )


def downgrade() -> None:
    """Who read what is forgotten."""
    op.drop_table("personal_data_reads")
