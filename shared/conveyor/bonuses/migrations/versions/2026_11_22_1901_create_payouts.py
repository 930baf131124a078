"""Create periods, statements and payout batches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "bonuses_0002"
down_revision = "bonuses_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables, and who may not change them."""
    _create_periods()
    _create_payouts()
    # Whoever was granted more by the default privileges keeps SELECT and INSERT.
    op.execute(
        """
        DO $$
        DECLARE granted record;
        BEGIN
            FOR granted IN
                SELECT DISTINCT pg_class.oid::regclass AS table_name, privilege.grantee::regrole AS holder
                FROM pg_class, aclexplode(relacl) AS privilege
                WHERE relnamespace = current_schema()::regnamespace AND privilege.grantee NOT IN (0, relowner)
                    AND relname IN ('bonus_closed_periods',
                        'bonus_statements',
                        'bonus_payout_documents')
            LOOP
                EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %s', granted.table_name, granted.holder);
            END LOOP;
        END $$
        """
    )


def downgrade() -> None:
    """Drop them; only for machines of developers."""
    for table in (
        "bonus_payout_documents",
        "bonus_payout_batch_entries",
        "bonus_payout_batches",
        "bonus_statements",
        "bonus_closed_periods",
    ):
        op.drop_table(table)


def _create_periods() -> None:
    op.create_table(
        "bonus_closed_periods",
        sa.Column("period", sa.CHAR(7), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.Column("journal_no", sa.BigInteger(), nullable=False),
        sa.Column("chain_head", sa.CHAR(64), nullable=False),
        sa.PrimaryKeyConstraint("period", name="pk_bonus_closed_periods"),
    )
    op.create_table(
        "bonus_statements",
        sa.Column("period", sa.CHAR(7), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("hash", sa.CHAR(64), nullable=False),
        sa.PrimaryKeyConstraint("period", "employee_id", name="pk_bonus_statements"),
        sa.ForeignKeyConstraint(
            ["period"], ["bonus_closed_periods.period"], name="fk_bonus_statements_period_bonus_closed_periods"
        ),
    )


def _create_payouts() -> None:
    op.create_table(
        "bonus_payout_batches",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("technical_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.CHAR(7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("totals", JSONB(), nullable=False),
        sa.Column("carried_forward", JSONB(), nullable=False),
        sa.Column("sha256", sa.CHAR(64), nullable=False),
        sa.Column("journal_no", sa.BigInteger(), nullable=False),
        sa.Column("chain_head", sa.CHAR(64), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by", sa.Text(), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("external_run_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", name="pk_bonus_payout_batches"),
        sa.UniqueConstraint("technical_id", name="uq_bonus_payout_batches_technical_id"),
    )
    op.create_index(
        "uq_bonus_payout_batches_live",
        "bonus_payout_batches",
        ["period"],
        unique=True,
        postgresql_where=sa.text("state <> 'rejected'"),
    )
    op.create_table(
        "bonus_payout_batch_entries",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("live", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "entry_id", name="pk_bonus_payout_batch_entries"),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["bonus_payout_batches.batch_id"],
            name="fk_bonus_payout_batch_entries_batch_id_bonus_payout_batches",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["bonus_entries.entry_id"], name="fk_bonus_payout_batch_entries_entry_id_bonus_entries"
        ),
    )
    op.create_index(
        "uq_bonus_payout_batch_entries_live",
        "bonus_payout_batch_entries",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "bonus_payout_documents",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("sha256", sa.CHAR(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "form", name="pk_bonus_payout_documents"),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["bonus_payout_batches.batch_id"],
            name="fk_bonus_payout_documents_batch_id_bonus_payout_batches",
        ),
    )
