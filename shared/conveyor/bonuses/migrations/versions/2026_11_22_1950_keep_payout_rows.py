"""Keep the rows of payout batches, their files in chunks, rejections, payment and holds."""

import sqlalchemy as sa
from alembic import op

revision = "bonuses_0004_payroll"
down_revision = "bonuses_0003_periods"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables beside the batches; what is stored as whole documents moves into them."""
    _widen_batches()
    _create_rows()
    _create_files()
    _create_holds()
    _move_documents()
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
                    AND relname IN ('bonus_payout_rows',
                        'bonus_payout_rejected_lines',
                        'bonus_payout_files',
                        'bonus_payout_file_chunks')
            LOOP
                EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %s', granted.table_name, granted.holder);
            END LOOP;
        END $$
        """
    )


def downgrade() -> None:
    """Put whole documents back and drop the tables; only for machines of developers."""
    op.create_table(
        "bonus_payout_documents",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("sha256", sa.CHAR(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "form", name="pk_bonus_payout_documents"),
    )
    op.execute(
        """
        INSERT INTO bonus_payout_documents (batch_id, form, sha256, content)
        SELECT batch_id, form, sha256, string_agg(content, ''::bytea ORDER BY chunk_no)
        FROM bonus_payout_files JOIN bonus_payout_file_chunks USING (batch_id, form)
        GROUP BY batch_id, form, sha256
        """
    )
    for table in (
        "bonus_payout_holds",
        "bonus_payout_file_chunks",
        "bonus_payout_files",
        "bonus_payout_rejected_lines",
        "bonus_payout_rows",
    ):
        op.drop_table(table)
    for column in ("released_at", "released_because"):
        op.drop_column("bonus_payout_batch_entries", column)
    for column in ("paid_at", "paid_on", "rejected_at", "rejection_reason", "rejected_lines"):
        op.drop_column("bonus_payout_batches", column)


def _instant(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _of_batch(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["batch_id"], ["bonus_payout_batches.batch_id"], name=f"fk_{table}_batch_id_bonus_payout_batches"
    )


def _widen_batches() -> None:
    op.add_column("bonus_payout_batches", _instant("paid_at"))
    op.add_column("bonus_payout_batches", sa.Column("paid_on", sa.Date(), nullable=True))
    op.add_column("bonus_payout_batches", _instant("rejected_at"))
    op.add_column("bonus_payout_batches", _text("rejection_reason", nullable=True))
    op.add_column(
        "bonus_payout_batches", sa.Column("rejected_lines", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("bonus_payout_batch_entries", _instant("released_at"))
    op.add_column("bonus_payout_batch_entries", _text("released_because", nullable=True))


def _create_rows() -> None:
    op.create_table(
        "bonus_payout_rows",
        _text("batch_id"),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        _text("payroll_number"),
        _text("employee"),
        _text("component"),
        _text("lead"),
        sa.Column("earned_on", sa.Date(), nullable=False),
        _text("amount"),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        _text("cause_id"),
        sa.Column("employee_id", sa.Uuid(), nullable=True),
        _text("cause", nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", "line_no", name="pk_bonus_payout_rows"),
        _of_batch("bonus_payout_rows"),
    )
    op.create_index("ix_bonus_payout_rows_payroll_number", "bonus_payout_rows", ["batch_id", "payroll_number"])
    op.create_table(
        "bonus_payout_rejected_lines",
        _text("batch_id"),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        _text("reason"),
        _instant("rejected_at", nullable=False),
        _text("rejected_by"),
        sa.PrimaryKeyConstraint("batch_id", "line_no", name="pk_bonus_payout_rejected_lines"),
        sa.ForeignKeyConstraint(
            ["batch_id", "line_no"],
            ["bonus_payout_rows.batch_id", "bonus_payout_rows.line_no"],
            name="fk_bonus_payout_rejected_lines_row",
        ),
    )


def _create_files() -> None:
    op.create_table(
        "bonus_payout_files",
        _text("batch_id"),
        _text("form"),
        sa.Column("sha256", sa.CHAR(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "form", name="pk_bonus_payout_files"),
        _of_batch("bonus_payout_files"),
    )
    op.create_table(
        "bonus_payout_file_chunks",
        _text("batch_id"),
        _text("form"),
        sa.Column("chunk_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "form", "chunk_no", name="pk_bonus_payout_file_chunks"),
        _of_batch("bonus_payout_file_chunks"),
    )
    # Handed out far more often than written: reading must not unpack.
    op.execute("ALTER TABLE bonus_payout_file_chunks ALTER COLUMN content SET STORAGE EXTERNAL")


def _create_holds() -> None:
    op.create_table(
        "bonus_payout_holds",
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("employee_id", sa.Uuid(), nullable=True),
        _text("reason"),
        _instant("placed_at", nullable=False),
        _text("placed_by"),
        _instant("released_at"),
        _text("released_by", nullable=True),
        _text("release_reason", nullable=True),
        sa.PrimaryKeyConstraint("hold_id", name="pk_bonus_payout_holds"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["bonus_entries.entry_id"], name="fk_bonus_payout_holds_entry_id_bonus_entries"
        ),
    )
    for what in ("entry", "employee"):
        op.create_index(
            f"uq_bonus_payout_holds_{what}",
            "bonus_payout_holds",
            [f"{what}_id"],
            unique=True,
            postgresql_where=sa.text("released_at IS NULL"),
        )


def _move_documents() -> None:
    op.execute(
        """
        INSERT INTO bonus_payout_file_chunks (batch_id, form, chunk_no, content)
        SELECT batch_id, form, chunk_no, substring(content FROM (chunk_no - 1) * 1048576 + 1 FOR 1048576)
        FROM bonus_payout_documents,
            generate_series(1, (length(content) + 1048576 - 1) / 1048576) AS chunk_no
        """
    )
    op.execute(
        """
        INSERT INTO bonus_payout_files (batch_id, form, sha256, size_bytes, chunks)
        SELECT batch_id, form, sha256, length(content), (length(content) + 1048576 - 1) / 1048576
        FROM bonus_payout_documents
        """
    )
    op.execute(
        """
        INSERT INTO bonus_payout_rows
            (batch_id, line_no, payroll_number, employee, component, lead, earned_on, amount, currency, cause_id)
        SELECT document.batch_id, line_no, line ->> 'payroll_number', line ->> 'employee', line ->> 'component',
            line ->> 'lead', (line ->> 'earned_on')::date, line ->> 'amount', line ->> 'currency', line ->> 'cause_id'
        FROM bonus_payout_documents AS document,
            jsonb_array_elements(convert_from(document.content, 'UTF8')::jsonb -> 'rows')
                WITH ORDINALITY AS listed (line, line_no)
        WHERE document.form = 'json'
        """
    )
    op.drop_table("bonus_payout_documents")
