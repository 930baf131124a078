"""Indexes by which the payments of one month of a lead, and the entries of one cause, are found at once."""

from alembic import op

revision = "bonuses_0005_speed"
down_revision = "bonuses_0004_payroll"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Longer keys that also serve the queries of the shorter ones."""
    op.create_index("ix_bonus_facts_lead_id_kind_occurred_at", "bonus_facts", ["lead_id", "kind", "occurred_at"])
    op.drop_index("ix_bonus_facts_lead_id", "bonus_facts")
    op.create_index("ix_bonus_entries_lead_id_cause", "bonus_entries", ["lead_id", "cause"])
    op.drop_index("ix_bonus_entries_lead_id", "bonus_entries")


def downgrade() -> None:
    """The shorter keys again."""
    op.create_index("ix_bonus_entries_lead_id", "bonus_entries", ["lead_id"])
    op.drop_index("ix_bonus_entries_lead_id_cause", "bonus_entries")
    op.create_index("ix_bonus_facts_lead_id", "bonus_facts", ["lead_id"])
    op.drop_index("ix_bonus_facts_lead_id_kind_occurred_at", "bonus_facts")
