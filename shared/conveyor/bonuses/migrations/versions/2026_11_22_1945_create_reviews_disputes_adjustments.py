"""Create reviews, sign-offs, disputes and adjustments; keep entries out of closed periods."""

import sqlalchemy as sa
from alembic import op

revision = "bonuses_0003_periods"
down_revision = "bonuses_0002"
branch_labels = None
depends_on = None

_INSERT_ONLY = ("bonus_period_reviews", "bonus_sign_offs", "bonus_dispute_messages")
_NEVER_DELETED = ("bonus_disputes", "bonus_adjustments")


def upgrade() -> None:
    """Tables, who may not change them, and the lock on closed periods."""
    _create_reviews()
    _create_disputes()
    _create_adjustments()
    _revoke("UPDATE, DELETE, TRUNCATE", _INSERT_ONLY)
    _revoke("DELETE, TRUNCATE", _NEVER_DELETED)
    # Posting and closing take the journal's lock in turn, so what this reads cannot change under it.
    op.execute(
        """
        CREATE FUNCTION bonus_entries_only_into_open_periods() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE closed_through char(7) := (SELECT max(period) FROM bonus_closed_periods);
        BEGIN
            IF EXISTS (SELECT FROM posted WHERE period <= closed_through) THEN
                RAISE EXCEPTION 'periods up to % are closed for good', closed_through
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER bonus_entries_only_into_open_periods AFTER INSERT ON bonus_entries
        REFERENCING NEW TABLE AS posted
        FOR EACH STATEMENT EXECUTE FUNCTION bonus_entries_only_into_open_periods()
        """
    )


def downgrade() -> None:
    """Drop them; only for machines of developers."""
    op.execute("DROP TRIGGER bonus_entries_only_into_open_periods ON bonus_entries")
    op.execute("DROP FUNCTION bonus_entries_only_into_open_periods()")
    for table in (
        "bonus_adjustments",
        "bonus_dispute_messages",
        "bonus_disputes",
        "bonus_sign_offs",
        "bonus_period_reviews",
    ):
        op.drop_table(table)


def _create_reviews() -> None:
    op.create_table(
        "bonus_period_reviews",
        sa.Column("period", sa.CHAR(7), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("period", name="pk_bonus_period_reviews"),
    )
    op.create_table(
        "bonus_sign_offs",
        sa.Column("sign_off_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.CHAR(7), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("hash", sa.CHAR(64), nullable=False),
        sa.Column("lines_hash", sa.CHAR(64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sign_off_id", name="pk_bonus_sign_offs"),
        sa.UniqueConstraint("period", "employee_id", "hash", name="uq_bonus_sign_offs_statement"),
        sa.CheckConstraint("state IN ('draft', 'closed')", name="ck_bonus_sign_offs_state"),
    )


def _create_disputes() -> None:
    op.create_table(
        "bonus_disputes",
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.CHAR(7), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("component", sa.Text(), nullable=True),
        sa.Column("cause_id", sa.Text(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("dispute_id", name="pk_bonus_disputes"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["bonus_entries.entry_id"], name="fk_bonus_disputes_entry_id_bonus_entries"
        ),
        sa.CheckConstraint("state IN ('open', 'upheld', 'rejected')", name="ck_bonus_disputes_state"),
        sa.CheckConstraint(
            "(state = 'open') = (resolved_by IS NULL) AND (state = 'open') = (resolution IS NULL)",
            name="ck_bonus_disputes_resolution",
        ),
    )
    op.create_index("ix_bonus_disputes_employee_id", "bonus_disputes", ["employee_id", "dispute_id"])
    op.create_index(
        "uq_bonus_disputes_open",
        "bonus_disputes",
        ["employee_id", "period", "entry_id", "component", "cause_id", "lead_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "bonus_dispute_messages",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_role", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_bonus_dispute_messages"),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["bonus_disputes.dispute_id"], name="fk_bonus_dispute_messages_dispute_id_bonus_disputes"
        ),
    )
    op.create_index("ix_bonus_dispute_messages_dispute_id", "bonus_dispute_messages", ["dispute_id", "message_id"])


def _create_adjustments() -> None:
    op.create_table(
        "bonus_adjustments",
        sa.Column("adjustment_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("dispute_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_by_employee_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejection", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("adjustment_id", name="pk_bonus_adjustments"),
        sa.UniqueConstraint("entry_id", name="uq_bonus_adjustments_entry_id"),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["bonus_disputes.dispute_id"], name="fk_bonus_adjustments_dispute_id_bonus_disputes"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["bonus_entries.entry_id"], name="fk_bonus_adjustments_entry_id_bonus_entries"
        ),
        sa.CheckConstraint("state IN ('pending', 'approved', 'rejected')", name="ck_bonus_adjustments_state"),
        sa.CheckConstraint("amount_minor <> 0", name="ck_bonus_adjustments_amount"),
        sa.CheckConstraint(
            "(state = 'pending') = (decided_by IS NULL) AND (state = 'approved') = (entry_id IS NOT NULL)",
            name="ck_bonus_adjustments_decision",
        ),
        # Four eyes hold in the database too; whoever rejects his own request only withdraws it.
        sa.CheckConstraint("state <> 'approved' OR decided_by <> requested_by", name="ck_bonus_adjustments_four_eyes"),
        sa.CheckConstraint(
            "state <> 'approved' OR decided_by_employee_id IS DISTINCT FROM employee_id",
            name="ck_bonus_adjustments_not_own_pay",
        ),
    )
    op.create_index("ix_bonus_adjustments_employee_id", "bonus_adjustments", ["employee_id", "adjustment_id"])
    op.create_index("ix_bonus_adjustments_dispute_id", "bonus_adjustments", ["dispute_id"])


def _revoke(rights: str, tables: tuple[str, ...]) -> None:
    # Whoever was granted more by the default privileges keeps the rest.
    names = ", ".join(f"'{table}'" for table in tables)
    op.execute(
        f"""
        DO $$
        DECLARE granted record;
        BEGIN
            FOR granted IN
                SELECT DISTINCT pg_class.oid::regclass AS table_name, privilege.grantee::regrole AS holder
                FROM pg_class, aclexplode(relacl) AS privilege
                WHERE relnamespace = current_schema()::regnamespace AND privilege.grantee NOT IN (0, relowner)
                    AND relname IN ({names})
            LOOP
                EXECUTE format('REVOKE {rights} ON %s FROM %s', granted.table_name, granted.holder);
            END LOOP;
        END $$
        """  # noqa: S608 - names from the lists above
    )
