"""Forget dispatches that nobody will look up or replay any more, with their log and their bodies."""

import logging

from sqlalchemy import text

from conveyor.kit.database import Database, is_transient
from handoff_bus.dispatches.rules import KEPT

BATCH_MAX = 5000

_OLD = text("""
    DELETE FROM dispatches WHERE dispatch_id IN (
        SELECT dispatch_id FROM dispatches WHERE created_at < :before AND state <> 'pending'
        LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING state
""")
_BODIES = text("""
    DELETE FROM dispatched_facts WHERE event_id IN (
        SELECT event_id FROM dispatched_facts
        WHERE created_at < :before
            AND NOT EXISTS (SELECT FROM dispatches WHERE dispatches.event_id = dispatched_facts.event_id)
        LIMIT :most
    ) RETURNING event_id
""")

logger = logging.getLogger(__name__)


async def forget_dispatches(database: Database) -> None:
    """All that are older than `KEPT`, some at a time; what goes wrong now is done the next time."""
    try:
        while await _forget_some(database):
            pass
    except Exception as error:  # it is tried again, and nothing depends on it today
        logger.warning("old dispatches are forgotten later: %s", type(error).__name__, exc_info=not is_transient(error))


async def _forget_some(database: Database) -> bool:
    async with database.transaction() as tx:
        values = {"before": tx.now - KEPT, "most": BATCH_MAX}
        states = (await tx.session.scalars(_OLD, values)).all()
        bodies = (await tx.session.scalars(_BODIES, values)).all()
        await tx.commit()
    if held := states.count("held"):
        logger.error("%d facts were held for a disabled subscription for %d days and are forgotten", held, KEPT.days)
    return len(states) == BATCH_MAX or len(bodies) == BATCH_MAX
