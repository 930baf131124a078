"""The rows of gathered batches, a part of each in memory at a time."""

import hashlib
from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.payroll_file.csv_form import CsvForm
from conveyor.payroll_file.rows import COLUMNS, FileRow
from handoff_bus.payroll.rules import PayrollDamaged
from handoff_bus.payroll.tables import GatheredBatch, GatheredPart


async def pages_of(session: AsyncSession, batch: GatheredBatch) -> AsyncIterator[Sequence[FileRow]]:
    """The batch's rows in file order, part by part.

    Raises PayrollDamaged at the end when they do not give the hash that the stage took over its own file of them.
    """
    check = CsvForm()
    digest, lines = hashlib.sha256(), 0
    for number in range(1, batch.parts + 1):
        part = await session.scalar(
            select(GatheredPart.rows).where(GatheredPart.batch_id == batch.batch_id, GatheredPart.part == number)
        )
        rows = [FileRow._make(str(row[column]) for column in COLUMNS) for row in part or ()]
        if rows:
            lines += len(rows)
            digest.update(check.write(rows))
            yield rows
    for rest in check.finish():
        digest.update(rest)
    if lines != batch.lines or digest.hexdigest() != batch.sha256:
        raise PayrollDamaged(batch_id=batch.batch_id)
