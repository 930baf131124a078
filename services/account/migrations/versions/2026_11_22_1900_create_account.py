"""Create clients, their contracts and payments as heard."""

import sqlalchemy as sa
from alembic import op

revision = "account_0001"
down_revision = None
branch_labels = ("account",)
depends_on = None


def upgrade() -> None:
    """All tables of account's own."""
    op.create_table(
        "clients",
        _id("lead_id"),
        _id("handoff_id"),
        _text("company_name"),
        _instant("opened_at"),
        sa.Column("revision", sa.Integer(), nullable=False),
        _instant("recorded_at"),
        sa.PrimaryKeyConstraint("lead_id", name="pk_clients"),
    )
    op.create_table(
        "client_contracts",
        _text("number"),
        _id("lead_id"),
        _id("deal_id"),
        _instant("signed_at"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.CHAR(3), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_client_contracts"),
    )
    op.create_index("ix_client_contracts_lead_id", "client_contracts", ["lead_id"])
    _create_payments()


def _create_payments() -> None:
    op.create_table(
        "client_payments",
        _text("source"),
        _text("payment_id"),
        _id("lead_id"),
        _instant("paid_at"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        _text("reference_system"),
        _text("reference_value"),
        sa.PrimaryKeyConstraint("source", "payment_id", name="pk_client_payments"),
    )
    op.create_index("ix_client_payments_lead_id", "client_payments", ["lead_id"])
    op.create_table(
        "client_refunds",
        _text("source"),
        _text("refund_id"),
        _text("payment_id"),
        _id("lead_id"),
        _instant("refunded_at"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.PrimaryKeyConstraint("source", "refund_id", name="pk_client_refunds"),
    )
    op.create_index("ix_client_refunds_lead_id", "client_refunds", ["lead_id"])


def _instant(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _id(name: str) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def downgrade() -> None:
    """Drop all tables of account's own."""
    for table in ("client_refunds", "client_payments", "client_contracts", "clients"):
        op.drop_table(table)
