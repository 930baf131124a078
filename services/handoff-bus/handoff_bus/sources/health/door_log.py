"""Counts what the door refuses, in memory, and writes the counts down every few seconds.

A forged delivery must not cost a write. What a crash takes is a count of the last seconds, never a delivery.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from conveyor.kit.database import Database, DatabaseBusy, DatabaseUnavailable
from handoff_bus.sources.health.tables import DoorRefusal

WRITE_SECONDS = 5.0
logger = logging.getLogger(__name__)
Place = tuple[UUID, datetime, str]
"""Source, hour, code."""


class DoorLog:
    """One per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: dict[Place, tuple[int, datetime]] = {}

    def note(self, source_id: UUID, code: str, *, at: datetime) -> None:
        """A delivery of this source was refused."""
        place = (source_id, at.replace(minute=0, second=0, microsecond=0), code)
        count, last_at = self._counts.get(place, (0, at))
        self._counts[place] = count + 1, max(last_at, at)

    async def run(self, stop: asyncio.Event) -> None:
        """Until the service stops; what was counted by then is still written."""
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), WRITE_SECONDS)
            try:
                await self.write()
            except (DatabaseUnavailable, DatabaseBusy) as failure:
                logger.warning("refusals are counted, not written now: %s", failure.code)

    async def write(self) -> None:
        """Add what was counted since the last time."""
        taken, self._counts = self._counts, {}
        if not taken:
            return
        rows = [
            {"source_id": source_id, "hour": hour, "code": code, "count": count, "last_at": last_at}
            for (source_id, hour, code), (count, last_at) in sorted(taken.items())
        ]
        statement = insert(DoorRefusal)
        new = statement.excluded
        added = statement.on_conflict_do_update(
            index_elements=[DoorRefusal.source_id, DoorRefusal.hour, DoorRefusal.code],
            set_={
                "count": DoorRefusal.count + new.count,
                "last_at": func.greatest(DoorRefusal.last_at, new.last_at),
            },
        )
        try:
            async with self._database.transaction() as tx:
                await tx.session.execute(added, rows)
                await tx.commit()
        except BaseException:
            for place, (count, last_at) in taken.items():
                more, later_at = self._counts.get(place, (0, last_at))
                self._counts[place] = count + more, max(last_at, later_at)
            raise
