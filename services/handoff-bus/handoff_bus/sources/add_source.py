"""Open the door for an outside system."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from conveyor.kit.database import Database, lock
from conveyor.kit.ids import new_id
from handoff_bus.sources.queries import SourceWithSecret, view_with_secret
from handoff_bus.sources.rules import SourceNameTaken, kind_named, split_settings
from handoff_bus.sources.tables import Source, SourceSecret


async def add_source(database: Database, *, name: str, kind: str, settings: Mapping[str, Any]) -> SourceWithSecret:
    """A new source with its secret. Raises SourceNameTaken, Invalid for a kind or settings that make no sense."""
    secret, shown, credentials = split_settings(kind_named(kind), settings)
    async with database.transaction() as tx:
        await lock(tx, "source", name)
        if await tx.session.scalar(select(Source.source_id).where(Source.name == name)):
            raise SourceNameTaken
        source = Source(
            source_id=new_id(), name=name, kind=kind, settings=shown, credentials=credentials, created_at=tx.now
        )
        tx.session.add(source)
        await tx.session.flush()
        tx.session.add(SourceSecret(secret_id=new_id(), source_id=source.source_id, secret=secret, valid_until=None))
        return await tx.commit(view_with_secret(source, secret))
