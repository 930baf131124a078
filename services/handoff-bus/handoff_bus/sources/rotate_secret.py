"""Give a source another secret; the old one stays valid for a while, so that no delivery is lost."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select, update

from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import Invalid, NotFound
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.queries import SourceWithSecret, view_with_secret
from handoff_bus.sources.rules import minted_secret, secret_errors
from handoff_bus.sources.tables import Source, SourceSecret


async def rotate_secret(
    database: Database, *, source_id: UUID, secret: str | None, overlap: timedelta
) -> SourceWithSecret:
    """The source with its new secret (minted unless given); the others end after `overlap`.

    Raises NotFound, Invalid.
    """
    async with database.transaction() as tx:
        source = await tx.session.scalar(select(Source).where(Source.source_id == source_id).with_for_update())
        if source is None:
            raise NotFound
        kind = KINDS[source.kind]
        if secret is not None and (errors := secret_errors(kind, secret, pointer="/secret")):
            raise Invalid(errors=errors)
        new_secret = secret if secret is not None else minted_secret(kind, pointer="/secret")
        until = tx.now + overlap
        await tx.session.execute(
            update(SourceSecret)
            .where(
                SourceSecret.source_id == source_id,
                or_(SourceSecret.valid_until.is_(None), SourceSecret.valid_until > until),
            )
            .values(valid_until=until)
        )
        tx.session.add(SourceSecret(secret_id=new_id(), source_id=source_id, secret=new_secret, valid_until=None))
        return await tx.commit(view_with_secret(source, new_secret))
