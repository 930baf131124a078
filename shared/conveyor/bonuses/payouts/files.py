"""A batch's rows page by page, and its files: written once in chunks, handed out chunk by chunk."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.payouts.tables import PayoutBatch, PayoutBatchRow, PayoutFile, PayoutFileChunk
from conveyor.contracts.values import WireMoney
from conveyor.kit.database import Database
from conveyor.kit.refusals import NotFound
from conveyor.payroll_file.forms import WantedFile
from conveyor.payroll_file.rows import FileRow, Summary
from conveyor.payroll_file.streaming import Pages, Written, write_file

PAGE_ROWS = 5_000
STATEMENT_SECONDS_MAX = 600
"""How long one statement over a whole batch may take; the pages are quick."""

# Rows never change: pages by number are one picture without a cursor that lives as long as the file is written.
_PAGE = text(
    """
    SELECT payroll_number, employee, component, lead, earned_on::text, amount, currency, cause_id
    FROM bonus_payout_rows
    WHERE batch_id = :batch_id AND line_no > :after AND line_no <= :up_to
    ORDER BY line_no
    """
)


async def take_time(session: AsyncSession) -> None:
    """Let this transaction's statements run as long as a whole batch needs."""
    await session.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS_MAX}s'"))


async def pages_of(session: AsyncSession, batch: PayoutBatch, *, role: str) -> Pages:
    """The rows of the batch in file order."""
    lines = await session.scalar(
        select(func.max(PayoutBatchRow.line_no)).where(PayoutBatchRow.batch_id == batch.batch_id)
    )
    for after in range(0, lines or 0, PAGE_ROWS):
        yield await _page(session, batch, role=role, after=after)


async def _page(session: AsyncSession, batch: PayoutBatch, *, role: str, after: int) -> Sequence[FileRow]:
    found = await session.execute(_PAGE, {"batch_id": batch.batch_id, "after": after, "up_to": after + PAGE_ROWS})
    first = (batch.batch_id, batch.period)
    return [
        FileRow._make((*first, number, employee, role, component, lead, earned_on, amount, currency, cause_id))
        for number, employee, component, lead, earned_on, amount, currency, cause_id in found
    ]


async def keep_file(session: AsyncSession, batch: PayoutBatch, pages: Pages, *, wanted: WantedFile) -> Written:
    """Write the file of these rows and keep its chunks. Raises what its form refuses."""

    async def keep(chunk_no: int, content: bytes) -> None:
        values = {"batch_id": batch.batch_id, "form": wanted.code, "chunk_no": chunk_no, "content": content}
        await session.execute(insert(PayoutFileChunk).values(values))

    summary = Summary(
        period=batch.period,
        lines=batch.lines,
        totals=tuple(WireMoney.model_validate(total) for total in batch.totals),
    )
    written = await write_file(pages, wanted.writer(summary), keep=keep)
    await session.execute(
        insert(PayoutFile).values(
            batch_id=batch.batch_id,
            form=wanted.code,
            sha256=written.sha256,
            size_bytes=written.size_bytes,
            chunks=written.chunks,
        )
    )
    return written


async def find_file(session: AsyncSession, batch_id: str, form: str) -> PayoutFile | None:
    """The file, if it was written before."""
    return await session.get(PayoutFile, (batch_id, form))


async def content_of(database: Database, file: PayoutFile) -> AsyncIterator[bytes]:
    """The stored bytes. Each chunk is read by itself: a slow reader keeps no connection."""
    for chunk_no in range(1, file.chunks + 1):
        async with database.reading() as session:
            chunk = await session.scalar(
                select(PayoutFileChunk.content).where(
                    PayoutFileChunk.batch_id == file.batch_id,
                    PayoutFileChunk.form == file.form,
                    PayoutFileChunk.chunk_no == chunk_no,
                )
            )
        if chunk is None:
            raise NotFound
        yield chunk
