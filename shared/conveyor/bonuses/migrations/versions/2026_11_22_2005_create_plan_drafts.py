"""Create drafts of plan versions, their publications and replays, and quotas."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "bonuses_0006_plans"
down_revision = "bonuses_0005_speed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables, and no change of what people were promised."""
    op.create_table(
        "bonus_plan_drafts",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", "version", name="pk_bonus_plan_drafts"),
    )
    op.create_table(
        "bonus_plan_publications",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged", JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", "version", name="pk_bonus_plan_publications"),
        sa.ForeignKeyConstraint(
            ["code", "version"],
            ["bonus_plan_drafts.code", "bonus_plan_drafts.version"],
            name="fk_bonus_plan_publications_draft",
        ),
    )
    _create_replays()
    op.create_table(
        "bonus_quotas",
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.CHAR(3), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("employee_id", "period", "revision", name="pk_bonus_quotas"),
        sa.CheckConstraint("(amount_minor IS NULL) <> (count IS NULL)", name="ck_bonus_quotas_one_measure"),
        sa.CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name="ck_bonus_quotas_currency"),
    )
    _make_insert_only()


def downgrade() -> None:
    """Drop everything; only for machines of developers."""
    for table in ("bonus_quotas", "bonus_plan_replays", "bonus_plan_publications", "bonus_plan_drafts"):
        op.drop_table(table)


def _create_replays() -> None:
    op.create_table(
        "bonus_plan_replays",
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.CHAR(7), nullable=False),
        sa.Column("last_month", sa.CHAR(7), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("sums", JSONB(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("replay_id", name="pk_bonus_plan_replays"),
        sa.ForeignKeyConstraint(
            ["code", "version"],
            ["bonus_plan_drafts.code", "bonus_plan_drafts.version"],
            name="fk_bonus_plan_replays_draft",
        ),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name="ck_bonus_plan_replays_state"),
    )
    op.create_index("ix_bonus_plan_replays_code_version", "bonus_plan_replays", ["code", "version"])
    op.create_index("ix_bonus_plan_replays_state", "bonus_plan_replays", ["state"])


def _make_insert_only() -> None:
    op.execute(
        """
        DO $$
        DECLARE granted record;
        BEGIN
            FOR granted IN
                SELECT DISTINCT pg_class.oid::regclass AS table_name, privilege.grantee::regrole AS holder
                FROM pg_class, aclexplode(relacl) AS privilege
                WHERE relnamespace = current_schema()::regnamespace AND privilege.grantee NOT IN (0, relowner)
                    AND relname IN ('bonus_plan_drafts', 'bonus_plan_publications', 'bonus_quotas')
            LOOP
                EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %s', granted.table_name, granted.holder);
            END LOOP;
        END $$
        """
    )
