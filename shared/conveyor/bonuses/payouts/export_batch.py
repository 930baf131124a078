"""Action: hand out a batch in one form; the first time its bytes are written and kept, and the batch is exported."""

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.payouts.files import find_file, keep_file, pages_of, take_time
from conveyor.bonuses.payouts.queries import existing_batch
from conveyor.bonuses.payouts.tables import PayoutFile
from conveyor.kit.database import lock
from conveyor.payroll_file.forms import WantedFile


async def export_batch(desk: Desk, *, batch_id: str, wanted: WantedFile) -> PayoutFile:
    """The stored file of this form, the same bytes every time; `content_of` reads them.

    Raises NotFound for an unknown batch, and what a profile refuses to write; nothing is exported then.
    """
    async with desk.database.reading() as session:
        batch = await existing_batch(session, batch_id)
        file = await find_file(session, batch_id, wanted.code)
    if file is None:
        file = await _write(desk, batch_id=batch_id, wanted=wanted)
    if batch.state == "frozen":
        await _mark(desk, batch_id=batch_id)
    return file


async def _write(desk: Desk, *, batch_id: str, wanted: WantedFile) -> PayoutFile:
    async with desk.database.transaction() as tx:
        # Of two callers one writes, the other finds the file.
        await lock(tx, "payout-file", batch_id, wanted.code)
        file = await find_file(tx.session, batch_id, wanted.code)
        if file is not None:
            return file
        await take_time(tx.session)
        batch = await existing_batch(tx.session, batch_id)
        await keep_file(tx.session, batch, pages_of(tx.session, batch, role=desk.role), wanted=wanted)
        file = await find_file(tx.session, batch_id, wanted.code)
        assert file is not None  # noqa: S101 - it was written one statement ago
        return await tx.commit(file)


async def _mark(desk: Desk, *, batch_id: str) -> None:
    async with desk.database.transaction() as tx:
        batch = await existing_batch(tx.session, batch_id, to_change=True)
        if batch.state == "frozen":
            batch.state = "exported"
            batch.exported_at = tx.now
        await tx.commit()
