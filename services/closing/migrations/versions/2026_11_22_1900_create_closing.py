"""Create deals, meetings, contracts with their references, payments as heard."""

import sqlalchemy as sa
from alembic import op

revision = "closing_0001"
down_revision = None
branch_labels = ("closing",)
depends_on = None


def upgrade() -> None:
    """All tables of closing's own."""
    _create_deals()
    _create_meetings()
    _create_contracts()
    _create_payments()


def _instant(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _create_deals() -> None:
    op.create_table(
        "deals",
        _id("deal_id"),
        _id("lead_id"),
        _id("handoff_id"),
        _text("company_name"),
        _text("state"),
        _instant("opened_at"),
        _instant("closed_at", nullable=True),
        _text("loss_reason", nullable=True),
        _text("loss_note", nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        _instant("recorded_at"),
        sa.PrimaryKeyConstraint("deal_id", name="pk_deals"),
        sa.UniqueConstraint("handoff_id", name="uq_deals_handoff_id"),
        sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f("ck_deals_state")),
    )
    op.create_index("ix_deals_lead_id", "deals", ["lead_id"])
    op.create_index("ix_deals_state", "deals", ["state", "deal_id"])
    op.create_table(
        "deal_criteria",
        _id("deal_id"),
        _text("code"),
        _text("answer"),
        _text("evidence", nullable=True),
        _id("employee_id"),
        _instant("answered_at"),
        sa.PrimaryKeyConstraint("deal_id", "code", name="pk_deal_criteria"),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.deal_id"], name="fk_deal_criteria_deal_id"),
    )


def _create_meetings() -> None:
    op.create_table(
        "deal_meetings",
        _id("meeting_id"),
        _id("deal_id"),
        _text("state"),
        _instant("starts_at"),
        _text("place", nullable=True),
        _id("booked_by"),
        _instant("booked_at"),
        _id("outcome_by", nullable=True),
        _instant("outcome_at", nullable=True),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_deal_meetings"),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.deal_id"], name="fk_deal_meetings_deal_id"),
        sa.CheckConstraint("state IN ('planned', 'held', 'missed', 'cancelled')", name=op.f("ck_deal_meetings_state")),
    )
    op.create_index("ix_deal_meetings_deal_id", "deal_meetings", ["deal_id"])


def _create_contracts() -> None:
    op.create_table(
        "deal_contracts",
        _id("contract_id"),
        _id("deal_id"),
        _text("number"),
        _instant("signed_at"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.CHAR(3), nullable=True),
        _id("signed_by"),
        _instant("recorded_at"),
        sa.PrimaryKeyConstraint("contract_id", name="pk_deal_contracts"),
        sa.UniqueConstraint("number", name="uq_deal_contracts_number"),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.deal_id"], name="fk_deal_contracts_deal_id"),
    )
    op.create_index("ix_deal_contracts_deal_id", "deal_contracts", ["deal_id"])
    op.create_table(
        "deal_references",
        _text("system"),
        _text("value"),
        _id("deal_id"),
        _id("contract_id"),
        sa.PrimaryKeyConstraint("system", "value", "deal_id", name="pk_deal_references"),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.deal_id"], name="fk_deal_references_deal_id"),
        sa.ForeignKeyConstraint(["contract_id"], ["deal_contracts.contract_id"], name="fk_deal_references_contract_id"),
    )
    op.create_index("ix_deal_references_deal_id", "deal_references", ["deal_id"])
    op.create_table(
        "account_offers",
        _id("handoff_id"),
        _id("lead_id"),
        _id("deal_id"),
        _text("contract_number"),
        _text("state"),
        _instant("offered_at"),
        _instant("answered_at", nullable=True),
        _text("return_reason", nullable=True),
        sa.PrimaryKeyConstraint("handoff_id", name="pk_account_offers"),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.deal_id"], name="fk_account_offers_deal_id"),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'returned', 'withdrawn')", name=op.f("ck_account_offers_state")
        ),
    )
    standing = sa.text("state IN ('offered', 'accepted')")
    op.create_index(
        "uq_account_offers_lead_id_standing", "account_offers", ["lead_id"], unique=True, postgresql_where=standing
    )
    op.create_index("ix_account_offers_deal_id", "account_offers", ["deal_id"])


def _create_payments() -> None:
    op.create_table(
        "deal_payments",
        _text("source"),
        _text("payment_id"),
        _id("lead_id"),
        _instant("paid_at"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        _text("reference_system"),
        _text("reference_value"),
        sa.PrimaryKeyConstraint("source", "payment_id", name="pk_deal_payments"),
    )
    op.create_index("ix_deal_payments_lead_id", "deal_payments", ["lead_id"])
    op.create_table(
        "deal_refunds",
        _text("source"),
        _text("refund_id"),
        _text("payment_id"),
        _id("lead_id"),
        _instant("refunded_at"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.PrimaryKeyConstraint("source", "refund_id", name="pk_deal_refunds"),
    )
    op.create_index("ix_deal_refunds_lead_id", "deal_refunds", ["lead_id"])


def downgrade() -> None:
    """Drop all tables of closing's own."""
    for table in (
        *("deal_refunds", "deal_payments", "account_offers", "deal_references", "deal_contracts"),
        *("deal_meetings", "deal_criteria", "deals"),
    ):
        op.drop_table(table)
