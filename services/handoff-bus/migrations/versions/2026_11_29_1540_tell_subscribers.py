"""Keep subscriptions with their secrets, and what is told to them with its log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "handoff_bus_0009_subscriptions"
down_revision = "handoff_bus_0008_erasures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables only."""
    _create_subscriptions()
    _create_dispatches()
    op.create_table(
        "dispatch_attempts",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("dispatch_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_dispatch_attempts"),
        sa.ForeignKeyConstraint(
            ["dispatch_id"],
            ["dispatches.dispatch_id"],
            name="fk_dispatch_attempts_dispatch_id_dispatches",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_dispatch_attempts_dispatch_id", "dispatch_attempts", ["dispatch_id", "attempt_id"])


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("fact_types", ARRAY(sa.Text()), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rest_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", name="pk_subscriptions"),
    )
    op.create_table(
        "subscription_secrets",
        sa.Column("secret_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("secret_id", name="pk_subscription_secrets"),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name="fk_subscription_secrets_subscription_id_subscriptions",
        ),
    )
    op.create_index("ix_subscription_secrets_subscription_id", "subscription_secrets", ["subscription_id"])


def _create_dispatches() -> None:
    op.create_table(
        "dispatched_facts",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_dispatched_facts"),
    )
    known_lead = sa.text("lead_id IS NOT NULL")
    op.create_index("ix_dispatched_facts_lead_id", "dispatched_facts", ["lead_id"], postgresql_where=known_lead)
    op.create_index("ix_dispatched_facts_created_at", "dispatched_facts", ["created_at"])
    op.create_table(
        "dispatches",
        sa.Column("dispatch_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("dispatch_id", name="pk_dispatches"),
        sa.UniqueConstraint("subscription_id", "event_id", name="uq_dispatches_subscription_id_event_id"),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.subscription_id"], name="fk_dispatches_subscription_id_subscriptions"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["dispatched_facts.event_id"], name="fk_dispatches_event_id_dispatched_facts"
        ),
    )
    op.create_index(
        "ix_dispatches_due", "dispatches", ["subscription_id", "next_at"], postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index(
        "ix_dispatches_waiting",
        "dispatches",
        ["subscription_id", "state"],
        postgresql_where=sa.text("state <> 'delivered'"),
    )
    op.create_index("ix_dispatches_subscription_id", "dispatches", ["subscription_id", "dispatch_id"])
    op.create_index("ix_dispatches_created_at", "dispatches", ["created_at"])
    op.create_index("ix_dispatches_event_id", "dispatches", ["event_id"])
    op.create_index("ix_dispatches_lead_id", "dispatches", ["lead_id"], postgresql_where=known_lead)


def downgrade() -> None:
    """Nobody outside is told anything any more."""
    for table in ("dispatch_attempts", "dispatches", "dispatched_facts", "subscription_secrets", "subscriptions"):
        op.drop_table(table)
