"""Knows a database that was restored from a copy: whoever was erased after the copy was made is in it again.

A dump that is played back makes tables of new numbers, in a database of another number or on another server. The place
is written down beside the erasures; when the two differ, the service shows nobody any person until it has heard every
erasure of the record again. A copy of the whole server's disk has the same numbers: there the operator has to say so.
"""

import logging

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.erasure import ErasuresReapplied
from conveyor.erasing.tables import ErasureHere
from conveyor.kit.database import Database, Transaction
from conveyor.kit.messaging.events import Event, WaitsFor

logger = logging.getLogger(__name__)

HEARD = ("erasures", "all")
"""What the end of a repetition waits for; every erasure that is heard releases it."""

_PLACE = """
    (SELECT system_identifier FROM pg_control_system()) || ':'
    || (SELECT oid FROM pg_database WHERE datname = current_database()) || ':'
    || CAST(CAST('erasures_here' AS regclass) AS oid)
"""
_FIRST = text(f"INSERT INTO erasures_place (place, settled_at) SELECT {_PLACE}, :now ON CONFLICT DO NOTHING")
_IS_SAME = text(f"SELECT place = {_PLACE} FROM erasures_place")  # noqa: S608 - of this file
_SETTLE = text(f"UPDATE erasures_place SET place = {_PLACE}, settled_at = :now")  # noqa: S608 - of this file


class RestoreGate:
    """Closed while this database may hold people who were erased after it was copied. Once open it stays open."""

    name = "erasures"

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_open = False
        self._has_warned = False

    async def is_open(self) -> bool:
        """Whether people may be shown. A database that has never been asked is one that was made new."""
        if self._is_open:
            return True
        async with self._database.reading() as session:
            same = await session.scalar(_IS_SAME)
        if same is None:
            async with self._database.transaction() as tx:
                await tx.session.execute(_FIRST, {"now": tx.now})
                await tx.commit()
            same = True
        self._is_open = bool(same)
        if not self._is_open and not self._has_warned:
            self._has_warned = True
            logger.warning("this database was restored from a copy: erasures have to be applied again")
        return self._is_open


async def end_repetition(tx: Transaction, event: Event[ErasuresReapplied]) -> None:
    """Every erasure of the record was said again: once all are heard, this database is as any other.

    Raises WaitsFor while some are on their way.
    """
    fact = event.fact
    if fact.newest_id is not None and await _heard(tx.session, fact) < fact.erasures:
        raise WaitsFor(*HEARD)
    await tx.session.execute(_SETTLE, {"now": tx.now})


async def _heard(session: AsyncSession, fact: ErasuresReapplied) -> int:
    statement = select(func.count()).select_from(ErasureHere).where(ErasureHere.erasure_id <= fact.newest_id)
    return int((await session.execute(statement)).scalar_one())
