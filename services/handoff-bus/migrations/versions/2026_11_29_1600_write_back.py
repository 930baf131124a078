"""Keep where leads stand on the line, how CRMs are written to, and what was written."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "handoff_bus_0010_write_backs"
down_revision = "handoff_bus_0009_subscriptions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables only; leads that stand somewhere already are written when they move next."""
    op.create_table(
        "line_facts",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("names_owner", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_line_facts"),
    )
    op.create_index("ix_line_facts_lead_id", "line_facts", ["lead_id"])
    op.create_table(
        "write_back_settings",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("settings", JSONB(), nullable=False),
        sa.Column("credentials", JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_write_back_settings"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.source_id"], name="fk_write_back_settings_source_id_sources"),
    )
    _create_write_backs()
    op.create_table(
        "write_back_attempts",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("write_back_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_write_back_attempts"),
        sa.ForeignKeyConstraint(
            ["write_back_id"], ["write_backs.write_back_id"], name="fk_write_back_attempts_write_back_id_write_backs"
        ),
    )
    op.create_index("ix_write_back_attempts_write_back_id", "write_back_attempts", ["write_back_id", "attempt_id"])
    op.create_index("ix_write_back_attempts_at", "write_back_attempts", ["at"])


def _create_write_backs() -> None:
    op.create_table(
        "write_backs",
        sa.Column("write_back_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written", JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("unnamed_owner_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("write_back_id", name="pk_write_backs"),
        sa.UniqueConstraint("lead_id", "source_id", name="uq_write_backs_lead_id_source_id"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.source_id"], name="fk_write_backs_source_id_sources"),
    )
    op.create_index(
        "ix_write_backs_due", "write_backs", ["source_id", "next_at"], postgresql_where=sa.text("state = 'due'")
    )
    op.create_index(
        "ix_write_backs_unnamed_owner_id",
        "write_backs",
        ["unnamed_owner_id"],
        postgresql_where=sa.text("unnamed_owner_id IS NOT NULL"),
    )
    op.create_index("ix_write_backs_state", "write_backs", ["state", "write_back_id"])


def downgrade() -> None:
    """No CRM is written to any more."""
    for table in ("write_back_attempts", "write_backs", "write_back_settings", "line_facts"):
        op.drop_table(table)
