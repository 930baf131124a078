"""Keep what moved leads, and mark them as due in every CRM that knows them; in the transaction of the caller."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from conveyor.kit.database import Transaction
from handoff_bus.write_backs.rules import Moved
from handoff_bus.write_backs.tables import LineFact

# One row per lead and CRM, so that only the present state is ever written, however fast the lead moves.
_DUE = text("""
    INSERT INTO write_backs (write_back_id, lead_id, source_id, version, state, attempts, next_at)
    SELECT uuidv7(), known.lead_id, known.source_id, 1, 'due', 0, :now FROM (
        SELECT DISTINCT reference.lead_id, source.source_id FROM correlated_references AS reference
        JOIN sources AS source ON reference.system = 'crm:' || source.name
        JOIN write_back_settings AS settings ON settings.source_id = source.source_id AND settings.enabled
        WHERE reference.lead_id = ANY(CAST(:leads AS uuid[])) AND reference.state = 'active'
        ORDER BY reference.lead_id, source.source_id
    ) AS known
    ON CONFLICT (lead_id, source_id) DO UPDATE SET
        version = write_backs.version + 1, state = 'due', reason = NULL, attempts = 0, failing_since = NULL,
        next_at = :now
""")
_NAMED = text("""
    UPDATE write_backs SET version = version + 1, state = 'due', reason = NULL, attempts = 0, failing_since = NULL,
        next_at = :now
    WHERE unnamed_owner_id = ANY(CAST(:employees AS uuid[]))
""")


async def note_moves(tx: Transaction, moves: Sequence[tuple[UUID, Moved]]) -> None:
    """Keep these facts about leads, each once, and mark their leads."""
    rows = [{"lead_id": lead_id, **asdict(moved)} for lead_id, moved in moves]
    await tx.session.execute(insert(LineFact).values(rows).on_conflict_do_nothing())
    await mark_due(tx, {lead_id for lead_id, _ in moves})


async def mark_due(tx: Transaction, lead_ids: Collection[UUID]) -> None:
    """These leads may have to be written again wherever a CRM with write-back knows them by name."""
    await tx.session.execute(_DUE, {"leads": sorted(lead_ids), "now": tx.now})


async def mark_named_owners(tx: Transaction, employee_ids: Collection[UUID]) -> None:
    """Leads whose owner had no name in the CRM when they were written last."""
    await tx.session.execute(_NAMED, {"employees": sorted(employee_ids), "now": tx.now})
