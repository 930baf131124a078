"""Reads of batches and of what waits for one."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.among import among
from conveyor.bonuses.ledger.queries import POSTED, read_posted
from conveyor.bonuses.ledger.rules import Posted
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.payouts.rules import Payee
from conveyor.bonuses.payouts.tables import PayoutBatch, PayoutBatchEntry, PayoutDocument
from conveyor.kit.refusals import NotFound
from conveyor.roster.tables import Employee


async def entries_without_batch(session: AsyncSession, *, up_to: str) -> list[Posted]:
    """Entries of this period and earlier ones that no live batch holds, oldest first."""
    held = exists().where(PayoutBatchEntry.entry_id == BonusEntry.entry_id, PayoutBatchEntry.live)
    return await read_posted(
        session, select(*POSTED).where(BonusEntry.period <= up_to, ~held).order_by(BonusEntry.journal_no)
    )


async def payees(session: AsyncSession, employee_ids: Collection[UUID]) -> dict[UUID, Payee]:
    """Payroll numbers and names from the roster."""
    rows = await session.execute(
        select(Employee.employee_id, Employee.payroll_number, Employee.full_name).where(
            among(Employee.employee_id, employee_ids)
        )
    )
    return {row.employee_id: Payee(row.payroll_number, row.full_name) for row in rows}


async def live_batch_of(session: AsyncSession, period: str) -> PayoutBatch | None:
    """The period's batch that is not rejected."""
    return await session.scalar(
        select(PayoutBatch).where(PayoutBatch.period == period, PayoutBatch.state != "rejected")
    )


async def next_number(session: AsyncSession, period: str) -> int:
    """The number that the period's next batch gets."""
    last = await session.scalar(select(func.max(PayoutBatch.number)).where(PayoutBatch.period == period))
    return (last or 0) + 1


async def existing_batch(session: AsyncSession, batch_id: str, *, to_change: bool = False) -> PayoutBatch:
    """The batch, with its row locked when it is to be changed. Raises NotFound."""
    statement = select(PayoutBatch).where(PayoutBatch.batch_id == batch_id)
    batch = await session.scalar(statement.with_for_update() if to_change else statement)
    if batch is None:
        raise NotFound
    return batch


async def document_of(session: AsyncSession, batch_id: str, form: str) -> bytes:
    """The stored bytes of one form of the export. Raises NotFound."""
    content = await session.scalar(
        select(PayoutDocument.content).where(PayoutDocument.batch_id == batch_id, PayoutDocument.form == form)
    )
    if content is None:
        raise NotFound
    return content
