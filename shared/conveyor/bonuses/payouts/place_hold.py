"""Action: keep an entry, or everything of an employee, out of batches."""

from uuid import UUID

from sqlalchemy import select

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.ledger.queries import find_entry
from conveyor.bonuses.payouts.queries import lock_payouts
from conveyor.bonuses.payouts.rules import AlreadyOnHold, EntryInBatch
from conveyor.bonuses.payouts.tables import PayoutBatchEntry, PayoutHold
from conveyor.bonuses.payouts.views import PayoutHoldView, hold_view
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import Invalid
from conveyor.roster.queries import known_employee


async def place_hold(
    desk: Desk, *, entry_id: UUID | None, employee_id: UUID | None, reason: str, actor: str
) -> PayoutHoldView:
    """Hold one of both; what a batch holds already stays in it.

    Raises Invalid for an unknown entry or employee, EntryInBatch (naming it in `batch_id`), AlreadyOnHold.
    """
    if employee_id is not None:
        await known_employee(desk.database, employee_id)
    async with desk.database.transaction() as tx:
        await lock_payouts(tx)
        if entry_id is not None:
            await _check_entry(tx, entry_id)
        await _check_free(tx, entry_id=entry_id, employee_id=employee_id)
        hold = PayoutHold(
            hold_id=new_id(),
            entry_id=entry_id,
            employee_id=employee_id,
            reason=reason,
            placed_at=tx.now,
            placed_by=actor,
        )
        tx.session.add(hold)
        await tx.session.flush()
        return await tx.commit(hold_view(hold))


async def _check_entry(tx: Transaction, entry_id: UUID) -> None:
    if await find_entry(tx.session, entry_id) is None:
        raise Invalid.field("/entry_id", "there is no such entry")
    batch_id = await tx.session.scalar(
        select(PayoutBatchEntry.batch_id).where(PayoutBatchEntry.entry_id == entry_id, PayoutBatchEntry.live)
    )
    if batch_id is not None:
        raise EntryInBatch(batch_id=batch_id)


async def _check_free(tx: Transaction, *, entry_id: UUID | None, employee_id: UUID | None) -> None:
    same = PayoutHold.employee_id == employee_id if entry_id is None else PayoutHold.entry_id == entry_id
    existing = await tx.session.scalar(select(PayoutHold.hold_id).where(PayoutHold.released_at.is_(None), same))
    if existing is not None:
        raise AlreadyOnHold(hold_id=existing)
