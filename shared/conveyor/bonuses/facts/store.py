"""Storing what was gathered: one statement per table, whatever the number of rows. What is known already is left."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.facts.gathered import Gathered
from conveyor.bonuses.ledger.chain import canonical_json
from conveyor.kit.direct import Direct

# Sorted by key so that two transactions never wait for each other in a circle.
_FACTS = Direct(
    """
    INSERT INTO bonus_facts (kind, identity, lead_id, employee_id, occurred_at, event_id, body)
    SELECT kind, identity, lead_id, employee_id, occurred_at, event_id, body
    FROM jsonb_populate_recordset(NULL::bonus_facts, CAST(:rows AS jsonb))
    ORDER BY kind, identity
    ON CONFLICT (kind, identity) DO NOTHING
    """
)
_CALLS = Direct(
    """
    INSERT INTO bonus_calls (source, call_id, employee_id, lead_id, started_at, duration_seconds, event_id)
    SELECT source, call_id, employee_id, lead_id, started_at, duration_seconds, event_id
    FROM jsonb_populate_recordset(NULL::bonus_calls, CAST(:rows AS jsonb))
    ORDER BY source, call_id
    ON CONFLICT (source, call_id) DO NOTHING
    """
)
_NAMES = Direct(
    """
    INSERT INTO bonus_leads AS known (lead_id, precedence, version, name)
    SELECT lead_id, precedence, version, name
    FROM jsonb_populate_recordset(NULL::bonus_leads, CAST(:rows AS jsonb))
    ORDER BY lead_id
    ON CONFLICT (lead_id) DO UPDATE
    SET precedence = excluded.precedence, version = excluded.version, name = excluded.name
    WHERE (excluded.precedence, excluded.version, excluded.name COLLATE "C")
        > (known.precedence, known.version, known.name COLLATE "C")
    """
)


async def store(session: AsyncSession, gathered: Gathered) -> None:
    """Insert the rows of this transaction."""
    names = [_name_row(lead_id, announced) for lead_id, announced in gathered.names.items()]
    for statement, rows in ((_FACTS, gathered.facts), (_CALLS, gathered.calls), (_NAMES, names)):
        if rows:
            await statement.rows(session, rows=canonical_json(rows).decode())


def _name_row(lead_id: UUID, announced: tuple[int, int, str]) -> dict[str, object]:
    precedence, version, name = announced
    return {"lead_id": lead_id, "precedence": precedence, "version": version, "name": name}
