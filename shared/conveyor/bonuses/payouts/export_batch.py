"""Action: hand out the stored bytes of a batch; the first time it becomes exported."""

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.payouts.queries import document_of, existing_batch


async def export_batch(desk: Desk, *, batch_id: str, form: str) -> bytes:
    """The same bytes every time. Raises NotFound for an unknown batch."""
    async with desk.database.reading() as session:
        batch = await existing_batch(session, batch_id)
        content = await document_of(session, batch_id, form)
    if batch.state == "frozen":
        async with desk.database.transaction() as tx:
            batch = await existing_batch(tx.session, batch_id, to_change=True)
            if batch.state == "frozen":
                batch.state = "exported"
                batch.exported_at = tx.now
            await tx.commit()
    return content
