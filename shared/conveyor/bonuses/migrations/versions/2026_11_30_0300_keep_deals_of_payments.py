"""A payment that named its contract by an outside name keeps the contract when the name is forgotten.

Two contracts of a lead may be of two deals: a payment that lost its contract would be matched to the one signed last,
and another evaluation would pay other people, or none.
"""

from alembic import op

revision = "bonuses_0008_keep_deals"
down_revision = "bonuses_0007_forget"
branch_labels = None
depends_on = None

# Of several contracts of one name the engine takes the one signed first; so does this.
_CONTRACT = """
    SELECT jsonb_build_object('system', 'contract', 'value', signed.body -> 'number') FROM bonus_facts AS signed
    WHERE signed.lead_id = lead AND signed.kind = 'contract_signed'
        AND signed.body -> 'references' @> jsonb_build_array(bonus_facts.body -> 'reference')
    ORDER BY signed.occurred_at, signed.body ->> 'number' COLLATE "C", signed.body ->> 'deal_id' COLLATE "C" LIMIT 1
"""
_LEAD = "jsonb_build_object('system', 'lead_id', 'value', lead_id::text)"
_FUNCTION = """
CREATE OR REPLACE FUNCTION forget_names_in_bonus_facts(lead uuid, kept text[], gone text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed bigint;
BEGIN
    WITH bare AS (
        SELECT kind, identity, CASE
            WHEN kind = 'payment_received' AND is_name_gone(body #>> '{{reference,system}}', kept, gone) THEN jsonb_set(
                body, '{{reference}}', {reference})
            WHEN kind = 'contract_signed' THEN jsonb_set(body, '{{references}}', (
                SELECT coalesce(jsonb_agg(one), '[]') FROM jsonb_array_elements(body -> 'references') AS one
                WHERE NOT is_name_gone(one ->> 'system', kept, gone)))
            WHEN kind = 'meeting_booked' THEN body - 'place'
            ELSE body END AS body
        FROM bonus_facts WHERE lead_id = lead
    )
    UPDATE bonus_facts SET body = bare.body FROM bare
    WHERE bonus_facts.kind = bare.kind AND bonus_facts.identity = bare.identity AND bonus_facts.body <> bare.body;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$
"""


def upgrade() -> None:
    """The same function and rights; only what stands in the place of a payment's name is another."""
    op.execute(_FUNCTION.format(reference=f"coalesce(({_CONTRACT}), {_LEAD})"))


def downgrade() -> None:
    """A payment names its lead again."""
    op.execute(_FUNCTION.format(reference=_LEAD))
