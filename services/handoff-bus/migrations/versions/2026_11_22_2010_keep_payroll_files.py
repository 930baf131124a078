"""Keep what became of payout batches, and the combined payroll files in chunks."""

import sqlalchemy as sa
from alembic import op

revision = "handoff_bus_0005_payroll"
down_revision = "handoff_bus_0004_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables beside the gathered batches."""
    op.create_table(
        "gathered_batch_outcomes",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "outcome", name="pk_gathered_batch_outcomes"),
    )
    op.create_table(
        "payroll_files",
        sa.Column("batches", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("batches", "form", name="pk_payroll_files"),
    )
    op.create_table(
        "payroll_file_chunks",
        sa.Column("batches", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("chunk_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("batches", "form", "chunk_no", name="pk_payroll_file_chunks"),
    )
    # Handed out far more often than written: reading must not unpack.
    op.execute("ALTER TABLE payroll_file_chunks ALTER COLUMN content SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Drop them; only for machines of developers."""
    for table in ("payroll_file_chunks", "payroll_files", "gathered_batch_outcomes"):
        op.drop_table(table)
