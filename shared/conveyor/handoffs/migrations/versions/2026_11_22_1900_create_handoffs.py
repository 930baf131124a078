"""Create the inbox of handoffs and the ownership of what they opened."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "handoffs_0001"
down_revision = None
branch_labels = ("handoffs",)
depends_on = None


def upgrade() -> None:
    """The inbox, owner changes, owner intervals."""
    _create_inbox()
    _create_ownership()


def _create_inbox() -> None:
    op.create_table(
        "received_handoffs",
        sa.Column("handoff_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("from_stage", sa.Text(), nullable=False),
        sa.Column("to_stage", sa.Text(), nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("routed_to", sa.Uuid(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("deal_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("handoff_id", name="pk_received_handoffs"),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'returned', 'withdrawn')", name=op.f("ck_received_handoffs_state")
        ),
    )
    op.create_index("ix_received_handoffs_lead_id", "received_handoffs", ["lead_id"])
    op.create_index("ix_received_handoffs_state", "received_handoffs", ["state", "handoff_id"])
    op.create_index(
        "ix_received_handoffs_routed_to",
        "received_handoffs",
        ["routed_to"],
        postgresql_where=sa.text("state = 'offered'"),
    )


def _create_ownership() -> None:
    op.create_table(
        "owner_changes",
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("thing_id", "revision", name="pk_owner_changes"),
    )
    op.create_index("ix_owner_changes_employee_id", "owner_changes", ["employee_id"])
    op.create_table(
        "owner_intervals",
        sa.Column("interval_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("interval_id", name="pk_owner_intervals"),
    )
    op.create_index("ix_owner_intervals_thing_id", "owner_intervals", ["thing_id", "from_at"])
    op.create_index("ix_owner_intervals_employee_id", "owner_intervals", ["employee_id", "thing_id"])


def downgrade() -> None:
    """Drop the inbox and the ownership."""
    op.drop_table("owner_intervals")
    op.drop_table("owner_changes")
    op.drop_table("received_handoffs")
