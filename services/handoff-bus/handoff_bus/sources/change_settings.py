"""Give a source other settings, such as a mapping that was wrong or the address of its API."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from conveyor.kit.database import Database
from conveyor.kit.refusals import Invalid, NotFound
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.queries import SourceView, view_of
from handoff_bus.sources.rules import checked_settings
from handoff_bus.sources.tables import Source


async def change_settings(database: Database, *, source_id: UUID, settings: Mapping[str, Any]) -> SourceView:
    """The source with these settings in place of its own; credentials that are not given stay.

    What was read under the old ones stays said; silent deliveries can be replayed. Raises NotFound, Invalid.
    """
    if "secret" in settings:
        raise Invalid.field(pointer="/settings/secret", message="is rotated by itself, with an overlap")
    async with database.transaction() as tx:
        source = await tx.session.scalar(select(Source).where(Source.source_id == source_id).with_for_update())
        if source is None:
            raise NotFound
        source.settings, source.credentials = checked_settings(KINDS[source.kind], {**source.credentials, **settings})
        await tx.session.flush()
        return await tx.commit(view_of(source))
