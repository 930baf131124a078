"""Create the copy of the facts, the plans with the standard ones, and the ledger."""

import json
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "bonuses_0001"
down_revision = None
branch_labels = ("bonuses",)
depends_on = None

# The standard plans as they were published first; later versions are further rows, never changes of these.
STANDARD_PLANS = Path(__file__).parent.parent / "standard_plans_v1.json"


def upgrade() -> None:
    """Tables, guards, and the standard plans."""
    _create_facts()
    _create_plans()
    _create_ledger()
    _make_insert_only()
    for document in json.loads(STANDARD_PLANS.read_text(encoding="utf-8")):
        op.execute(
            sa.text(
                "INSERT INTO bonus_plan_versions (code, version, role, effective_from, document)"
                " VALUES (:code, :version, :role, CAST(:effective_from AS date), CAST(:document AS jsonb))"
            ).bindparams(
                code=document["code"],
                version=document["version"],
                role=document["role"],
                effective_from=document["effective_from"],
                document=json.dumps(document),
            )
        )


def downgrade() -> None:
    """Drop everything; only for machines of developers, a ledger is never dropped."""
    for table in (
        "bonus_entries",
        "bonus_plan_assignments",
        "bonus_plan_versions",
        "bonus_leads",
        "bonus_calls",
        "bonus_facts",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION bonus_entries_are_final()")


def _create_facts() -> None:
    op.create_table(
        "bonus_facts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "identity", name="pk_bonus_facts"),
    )
    op.create_index("ix_bonus_facts_lead_id", "bonus_facts", ["lead_id"])
    op.create_index("ix_bonus_facts_employee_id_occurred_at", "bonus_facts", ["employee_id", "occurred_at"])
    op.create_index("ix_bonus_facts_kind_occurred_at", "bonus_facts", ["kind", "occurred_at"])
    op.create_index(
        "ix_bonus_facts_payment_id",
        "bonus_facts",
        [sa.text("(body ->> 'payment_id')")],
        postgresql_where=sa.text("kind IN ('payment_received', 'payment_refunded')"),
    )
    op.create_table(
        "bonus_calls",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("source", "call_id", name="pk_bonus_calls"),
    )
    op.create_index("ix_bonus_calls_employee_id_started_at", "bonus_calls", ["employee_id", "started_at"])
    op.create_table(
        "bonus_leads",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("precedence", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name="pk_bonus_leads"),
    )


def _create_plans() -> None:
    op.create_table(
        "bonus_plan_versions",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("code", "version", name="pk_bonus_plan_versions"),
    )
    op.create_table(
        "bonus_plan_assignments",
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("assignments", JSONB(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("employee_id", "revision", name="pk_bonus_plan_assignments"),
    )


def _create_ledger() -> None:
    op.create_table(
        "bonus_entries",
        sa.Column("journal_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("chain_id", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("plan_code", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("period", sa.CHAR(7), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("explanation", JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prev_hash", sa.CHAR(64), nullable=False),
        sa.Column("hash", sa.CHAR(64), nullable=False),
        sa.PrimaryKeyConstraint("journal_no", name="pk_bonus_entries"),
        sa.UniqueConstraint("entry_id", name="uq_bonus_entries_entry_id"),
        sa.UniqueConstraint(
            "component",
            "cause",
            "lead_id",
            "employee_id",
            "currency",
            "revision",
            name="uq_bonus_entries_line",
            postgresql_nulls_not_distinct=True,
        ),
        sa.ForeignKeyConstraint(
            ["reverses"], ["bonus_entries.entry_id"], name="fk_bonus_entries_reverses_bonus_entries"
        ),
        sa.CheckConstraint("kind IN ('accrual', 'reversal', 'adjustment', 'manual')", name="ck_bonus_entries_kind"),
        sa.CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="ck_bonus_entries_reverses"),
        sa.CheckConstraint("journal_no > 0 AND revision > 0", name="ck_bonus_entries_numbers"),
    )
    op.create_index(
        "uq_bonus_entries_reverses",
        "bonus_entries",
        ["reverses"],
        unique=True,
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )
    op.create_index("ix_bonus_entries_lead_id", "bonus_entries", ["lead_id"])
    op.create_index("ix_bonus_entries_employee_id_period", "bonus_entries", ["employee_id", "period"])
    op.create_index("ix_bonus_entries_period", "bonus_entries", ["period"])


def _make_insert_only() -> None:
    # Of the ledger not even its owner may change a row.
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
                    AND relname IN ('bonus_facts',
                        'bonus_calls',
                        'bonus_plan_versions',
                        'bonus_plan_assignments',
                        'bonus_entries')
            LOOP
                EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %s', granted.table_name, granted.holder);
            END LOOP;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION bonus_entries_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'bonus_entries is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER bonus_entries_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON bonus_entries
        FOR EACH STATEMENT EXECUTE FUNCTION bonus_entries_are_final()
        """
    )
