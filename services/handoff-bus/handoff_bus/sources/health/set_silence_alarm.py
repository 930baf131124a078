"""Choose after how much silence of a source an alarm is raised."""

from uuid import UUID

from sqlalchemy import select

from conveyor.kit.database import Database
from conveyor.kit.refusals import NotFound
from handoff_bus.sources.health.queries import SourceHealth, health_of
from handoff_bus.sources.tables import Source


async def set_silence_alarm(database: Database, *, source_id: UUID, minutes: int | None, hours: int) -> SourceHealth:
    """After so many working minutes; 0 never, None as usual for its kind. Raises NotFound."""
    async with database.transaction() as tx:
        source = await tx.session.scalar(select(Source).where(Source.source_id == source_id).with_for_update())
        if source is None:
            raise NotFound
        source.silent_after_minutes = minutes
        await tx.session.flush()
        seen = await health_of(tx.session, [source], now=tx.now, hours=hours)
        return await tx.commit(seen.items[0])
