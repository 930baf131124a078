"""Let the service take outside names and places out of the facts of an erased lead, and nothing else.

Facts are insert only for the application's role; a function that runs with its owner's rights is the one way.
"""

from alembic import op

revision = "bonuses_0007_forget"
down_revision = "bonuses_0006_plans"
branch_labels = None
depends_on = None

_FUNCTION = """
CREATE FUNCTION forget_names_in_bonus_facts(lead uuid, kept text[], gone text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed bigint;
BEGIN
    WITH bare AS (
        SELECT kind, identity, CASE
            WHEN kind = 'payment_received' AND is_name_gone(body #>> '{reference,system}', kept, gone) THEN jsonb_set(
                body, '{reference}', jsonb_build_object('system', 'lead_id', 'value', lead_id::text))
            WHEN kind = 'contract_signed' THEN jsonb_set(body, '{references}', (
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
_CONDITION = """
CREATE FUNCTION is_name_gone(system text, kept text[], gone text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN kept IS NULL THEN system = ANY (gone) ELSE system <> ALL (kept) END
"""
_RIGHTS = """
DO $$
DECLARE
    app text := replace(current_user, '_owner', '_app');
BEGIN
    REVOKE ALL ON FUNCTION forget_names_in_bonus_facts(uuid, text[], text[]) FROM PUBLIC;
    IF app <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION forget_names_in_bonus_facts(uuid, text[], text[]) TO %I', app);
    END IF;
END
$$
"""


def upgrade() -> None:
    """The function and who may call it."""
    for statement in (_CONDITION, _FUNCTION, _RIGHTS):
        op.execute(statement)


def downgrade() -> None:
    """Nobody can be erased any more."""
    op.execute("DROP FUNCTION forget_names_in_bonus_facts(uuid, text[], text[])")
    op.execute("DROP FUNCTION is_name_gone(text, text[], text[])")
