"""Action: hand out one file over the three live batches; the first time its bytes are written and kept."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.values import WireMoney
from conveyor.kit.database import Database, Transaction, lock
from conveyor.kit.money import Money
from conveyor.kit.refusals import NotFound
from conveyor.payroll_file.forms import WantedFile
from conveyor.payroll_file.merging import merged
from conveyor.payroll_file.rows import Summary
from conveyor.payroll_file.streaming import write_file
from handoff_bus.payroll.pages import pages_of
from handoff_bus.payroll.queries import batches_of_file
from handoff_bus.payroll.tables import GatheredBatch, PayrollFile, PayrollFileChunk


async def export_payroll(database: Database, *, period: str, wanted: WantedFile) -> PayrollFile:
    """The stored file of this form, the same bytes every time; `content_of` reads them.

    Raises PayrollIncomplete, PayrollDamaged, and what a profile refuses to write.
    """
    async with database.reading() as session:
        batches = await batches_of_file(session, period=period)
        name = _name_of(batches)
        file = await _find(session, name, wanted.code)
    return file or await _write(database, batches=batches, wanted=wanted)


async def _write(database: Database, *, batches: Sequence[GatheredBatch], wanted: WantedFile) -> PayrollFile:
    name = _name_of(batches)
    async with database.transaction() as tx:
        # Of two callers one writes, the other finds the file.
        await lock(tx, "payroll-file", name, wanted.code)
        file = await _find(tx.session, name, wanted.code)
        if file is not None:
            return file
        file = await _keep(tx, batches, wanted=wanted)
        return await tx.commit(file)


async def _keep(tx: Transaction, batches: Sequence[GatheredBatch], *, wanted: WantedFile) -> PayrollFile:
    name = _name_of(batches)

    async def keep(chunk_no: int, content: bytes) -> None:
        values = {"batches": name, "form": wanted.code, "chunk_no": chunk_no, "content": content}
        await tx.session.execute(insert(PayrollFileChunk).values(values))

    pages = merged([pages_of(tx.session, batch) for batch in batches])
    written = await write_file(pages, wanted.writer(_summary(batches)), keep=keep)
    file = PayrollFile(
        batches=name,
        form=wanted.code,
        sha256=written.sha256,
        size_bytes=written.size_bytes,
        chunks=written.chunks,
        written_at=tx.now,
    )
    tx.session.add(file)
    await tx.session.flush()
    return file


async def content_of(database: Database, file: PayrollFile) -> AsyncIterator[bytes]:
    """The stored bytes. Each chunk is read by itself: a slow reader keeps no connection."""
    for chunk_no in range(1, file.chunks + 1):
        async with database.reading() as session:
            chunk = await session.scalar(
                select(PayrollFileChunk.content).where(
                    PayrollFileChunk.batches == file.batches,
                    PayrollFileChunk.form == file.form,
                    PayrollFileChunk.chunk_no == chunk_no,
                )
            )
        if chunk is None:
            raise NotFound
        yield chunk


async def _find(session: AsyncSession, name: str, form: str) -> PayrollFile | None:
    return await session.get(PayrollFile, (name, form))


def _name_of(batches: Sequence[GatheredBatch]) -> str:
    return "+".join(batch.batch_id for batch in batches)


def _summary(batches: Sequence[GatheredBatch]) -> Summary:
    sums: dict[str, Money] = {}
    for batch in batches:
        for total in map(WireMoney.model_validate, batch.totals):
            money = Money.from_wire(total)
            sums[money.currency] = sums.get(money.currency, Money.zero(money.currency)) + money
    return Summary(
        period=batches[0].period,
        lines=sum(batch.lines for batch in batches),
        totals=tuple(sums[currency].to_wire() for currency in sorted(sums)),
    )
