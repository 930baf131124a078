"""Create roster, sources, deliveries, references, the watch over handoffs, journeys, gathered payroll batches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "handoff_bus_0001"
down_revision = None
branch_labels = ("handoff_bus",)
depends_on = None


def upgrade() -> None:
    """All tables of the bus."""
    _create_roster()
    _create_sources()
    _create_deliveries()
    _create_references()
    _create_handoffs()
    _create_journeys()
    _create_payroll()


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _integer(name: str, **options: object) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False, **options)


def _day(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _json(name: str, **options: object) -> sa.Column:
    return sa.Column(name, JSONB(), nullable=False, **options)


def _refers(table: str, column: str, target: str, target_column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.{target_column}"], name=f"fk_{table}_{column}")


def _create_roster() -> None:
    op.create_table(
        "employees",
        _id("employee_id"),
        _integer("revision"),
        _text("full_name"),
        _text("role"),
        _text("payroll_number"),
        _day("hired_on"),
        _day("left_on", nullable=True),
        _id("successor_id", nullable=True),
        sa.PrimaryKeyConstraint("employee_id", name="pk_employees"),
        sa.UniqueConstraint("payroll_number", name="uq_employees_payroll_number"),
        _refers("employees", "successor_id", "employees", "employee_id"),
    )
    op.create_table(
        "employee_references",
        _id("employee_id"),
        _text("system"),
        _text("value"),
        sa.PrimaryKeyConstraint("employee_id", "system", "value", name="pk_employee_references"),
        _refers("employee_references", "employee_id", "employees", "employee_id"),
    )
    op.create_index("ix_employee_references_system", "employee_references", ["system", "value"])
    op.create_table(
        "chains",
        _id("chain_id"),
        _integer("revision"),
        _text("name"),
        _day("effective_from"),
        sa.PrimaryKeyConstraint("chain_id", name="pk_chains"),
    )
    op.create_table(
        "chain_members",
        _id("chain_id"),
        _id("employee_id"),
        sa.PrimaryKeyConstraint("chain_id", "employee_id", name="pk_chain_members"),
        _refers("chain_members", "chain_id", "chains", "chain_id"),
        _refers("chain_members", "employee_id", "employees", "employee_id"),
    )
    op.create_table(
        "calendar_versions",
        _integer("revision", autoincrement=False),
        _day("effective_from"),
        _text("zone"),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("working_weekdays", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("holidays", sa.ARRAY(sa.Date()), nullable=False),
        sa.Column("extra_working_days", sa.ARRAY(sa.Date()), nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_calendar_versions"),
    )


def _create_sources() -> None:
    op.create_table(
        "sources",
        _id("source_id"),
        _text("name"),
        _text("kind"),
        _json("settings"),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("source_id", name="pk_sources"),
        sa.UniqueConstraint("name", name="uq_sources_name"),
    )
    op.create_table(
        "source_secrets",
        _id("secret_id"),
        _id("source_id"),
        _text("secret"),
        _instant("valid_until", nullable=True),
        sa.PrimaryKeyConstraint("secret_id", name="pk_source_secrets"),
        _refers("source_secrets", "source_id", "sources", "source_id"),
    )
    op.create_index("ix_source_secrets_source_id", "source_secrets", ["source_id"])


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        _id("delivery_id"),
        _id("source_id"),
        _text("dedupe_key"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        _json("headers"),
        _instant("received_at"),
        _text("type"),
        _text("state"),
        _text("reason", nullable=True),
        _text("detail", nullable=True),
        _integer("attempts", server_default="0"),
        _instant("retry_at", nullable=True),
        _instant("settled_at", nullable=True),
        _id("matched_lead_id", nullable=True),
        _id("lead_id", nullable=True),
        _id("employee_id", nullable=True),
        _json("facts", server_default=sa.text("'[]'")),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_deliveries"),
        sa.UniqueConstraint("source_id", "dedupe_key", name="uq_deliveries_source_id_dedupe_key"),
    )
    received = sa.text("state = 'received'")
    op.create_index("ix_deliveries_received", "deliveries", ["delivery_id"], postgresql_where=received)
    op.create_index("ix_deliveries_state", "deliveries", ["state", "delivery_id"])
    with_lead = sa.text("lead_id IS NOT NULL")
    op.create_index("ix_deliveries_lead_id", "deliveries", ["lead_id"], postgresql_where=with_lead)
    op.create_table(
        "delivery_waits",
        _id("delivery_id"),
        _text("thing"),
        sa.PrimaryKeyConstraint("delivery_id", "thing", name="pk_delivery_waits"),
    )
    op.create_index("ix_delivery_waits_thing", "delivery_waits", ["thing"])
    op.create_table(
        "outside_facts",
        _id("source_id"),
        _text("kind"),
        _text("outside_id"),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        _id("delivery_id"),
        _id("event_id", nullable=True),
        _id("lead_id", nullable=True),
        sa.PrimaryKeyConstraint("source_id", "kind", "outside_id", name="pk_outside_facts"),
    )


def _create_references() -> None:
    op.create_table(
        "correlated_leads",
        _id("lead_id"),
        _instant("recorded_at"),
        sa.PrimaryKeyConstraint("lead_id", name="pk_correlated_leads"),
    )
    op.create_table(
        "correlated_references",
        _id("reference_id"),
        _text("system"),
        _text("value"),
        _id("lead_id"),
        _id("deal_id", nullable=True),
        _text("state"),
        _instant("recorded_at"),
        sa.PrimaryKeyConstraint("reference_id", name="pk_correlated_references"),
        sa.UniqueConstraint("system", "value", "lead_id", name="uq_correlated_references_system_value_lead_id"),
    )
    op.create_index(
        "uq_correlated_references_exclusive",
        "correlated_references",
        ["system", "value"],
        unique=True,
        postgresql_where=sa.text("state = 'active' AND system NOT IN ('phone', 'email')"),
    )
    op.create_index("ix_correlated_references_lead_id", "correlated_references", ["lead_id"])
    parked = sa.text("state = 'conflict'")
    op.create_index(
        "ix_correlated_references_conflict", "correlated_references", ["reference_id"], postgresql_where=parked
    )


def _create_handoffs() -> None:
    op.create_table(
        "watched_handoffs",
        _id("handoff_id"),
        _id("lead_id"),
        _text("state"),
        _text("from_stage", nullable=True),
        _text("to_stage", nullable=True),
        _id("offered_by", nullable=True),
        _instant("offered_at", nullable=True),
        _id("employee_id", nullable=True),
        _instant("answered_at", nullable=True),
        _text("reason", nullable=True),
        _id("deal_id", nullable=True),
        sa.PrimaryKeyConstraint("handoff_id", name="pk_watched_handoffs"),
    )
    op.create_index("ix_watched_handoffs_state", "watched_handoffs", ["state", "handoff_id"])
    op.create_index("ix_watched_handoffs_lead_id", "watched_handoffs", ["lead_id"])
    op.create_index("ix_watched_handoffs_employee_id", "watched_handoffs", ["employee_id"])
    op.create_table(
        "watched_handoff_facts",
        _id("event_id"),
        _id("handoff_id"),
        _text("fact"),
        _instant("occurred_at"),
        _instant("recorded_at"),
        _text("actor"),
        _text("from_stage", nullable=True),
        _text("to_stage", nullable=True),
        _id("employee_id", nullable=True),
        _text("reason", nullable=True),
        _text("note", nullable=True),
        _id("deal_id", nullable=True),
        sa.PrimaryKeyConstraint("event_id", name="pk_watched_handoff_facts"),
    )
    op.create_index("ix_watched_handoff_facts_handoff_id", "watched_handoff_facts", ["handoff_id"])


def _create_journeys() -> None:
    op.create_table(
        "journey_steps",
        _id("event_id"),
        _id("lead_id"),
        _instant("occurred_at"),
        _instant("recorded_at"),
        _text("service"),
        _text("type"),
        _text("actor"),
        _id("employee_id", nullable=True),
        _text("summary"),
        sa.PrimaryKeyConstraint("event_id", name="pk_journey_steps"),
    )
    op.create_index("ix_journey_steps_lead_id", "journey_steps", ["lead_id", "occurred_at", "event_id"])


def _create_payroll() -> None:
    op.create_table(
        "gathered_batches",
        _text("batch_id"),
        _id("technical_id"),
        _text("service"),
        _text("period"),
        _integer("number"),
        _text("role"),
        _integer("lines"),
        _json("totals"),
        _text("sha256"),
        _integer("parts"),
        _instant("frozen_at"),
        sa.PrimaryKeyConstraint("batch_id", name="pk_gathered_batches"),
    )
    op.create_index("ix_gathered_batches_period", "gathered_batches", ["period"])
    op.create_table(
        "gathered_batch_parts",
        _text("batch_id"),
        _integer("part", autoincrement=False),
        _json("rows"),
        sa.PrimaryKeyConstraint("batch_id", "part", name="pk_gathered_batch_parts"),
    )


def downgrade() -> None:
    """Drop all tables of the bus."""
    for table in (
        *("gathered_batch_parts", "gathered_batches", "journey_steps", "watched_handoff_facts", "watched_handoffs"),
        *("correlated_references", "correlated_leads", "outside_facts", "delivery_waits", "deliveries"),
        *("source_secrets", "sources", "calendar_versions", "chain_members", "chains"),
        *("employee_references", "employees"),
    ):
        op.drop_table(table)
