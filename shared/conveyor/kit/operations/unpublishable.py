"""Facts that can never be published as they are: publish them again once the cause is mended, or discard them."""

from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.context import current_context
from conveyor.kit.database import Database, Transaction
from conveyor.kit.messaging.tables import OutboxDeadRow, OutboxRow
from conveyor.kit.operations.views import UnpublishableDetail, UnpublishableView
from conveyor.kit.refusals import NotFound, Refusal

_RETURN = text(
    """
    WITH back AS (DELETE FROM outbox_dead WHERE id = :id RETURNING *)
    INSERT INTO outbox (id, event_id, subject, key, body, created_at, copy)
    SELECT id, event_id, subject, key, body, created_at, copy FROM back
    """
)


class FactDiscarded(Refusal):
    """This fact was discarded; its key has gone on without it."""


async def requeue_unpublishable(database: Database, *, event_id: UUID) -> UnpublishableView:
    """Put the fact back into the outbox at its old place: it and what waits behind it go out in their order.

    If the cause is still there, it comes back as unpublishable. Raises NotFound or FactDiscarded.
    """
    async with database.transaction() as tx:
        row = await _locked(tx, event_id)
        view = await view_of(tx.session, row)
        await tx.session.execute(_RETURN, {"id": row.id})
        tx.wakes.add(database.committed)
        return await tx.commit(view)


async def discard_unpublishable(database: Database, *, event_id: UUID, reason: str) -> UnpublishableView:
    """Never publish the fact, for this reason; its key goes on. Raises NotFound or FactDiscarded."""
    async with database.transaction() as tx:
        row = await _locked(tx, event_id)
        row.discarded_at = tx.now
        row.discarded_by = current_context().actor
        row.discarded_reason = reason
        await tx.session.flush()
        tx.wakes.add(database.committed)
        return await tx.commit(await view_of(tx.session, row))


async def view_of(session: AsyncSession, row: OutboxDeadRow) -> UnpublishableView:
    """The fact without its body."""
    return UnpublishableView.model_validate(await _shown(session, row))


async def detail_of(session: AsyncSession, row: OutboxDeadRow) -> UnpublishableDetail:
    """The fact with its body."""
    return UnpublishableDetail.model_validate(await _shown(session, row))


async def _shown(session: AsyncSession, row: OutboxDeadRow) -> dict[str, object]:
    waiting = 0
    if row.discarded_at is None:
        counted = select(func.count()).select_from(OutboxRow).where(OutboxRow.key == row.key)
        waiting = await session.scalar(counted) or 0
    names = [name for name in UnpublishableDetail.model_fields if name != "waiting"]
    return {"waiting": waiting, **{name: getattr(row, name) for name in names}}


async def _locked(tx: Transaction, event_id: UUID) -> OutboxDeadRow:
    row = await tx.session.scalar(select(OutboxDeadRow).where(OutboxDeadRow.event_id == event_id).with_for_update())
    if row is None:
        raise NotFound
    if row.discarded_at is not None:
        raise FactDiscarded
    return row
