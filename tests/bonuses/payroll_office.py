"""What payroll does with the books: closes are done by the head, everything else here."""

from conveyor.bonuses.payouts.acknowledge_batch import acknowledge_batch
from conveyor.bonuses.payouts.export_batch import export_batch
from conveyor.bonuses.payouts.files import content_of
from conveyor.bonuses.payouts.freeze_batch import freeze_batch
from conveyor.bonuses.payouts.views import PayoutBatchView
from conveyor.bonuses.periods.close_period import close_period
from conveyor.kit.calendar import Month
from conveyor.payroll_file.csv_form import Dialect
from conveyor.payroll_file.forms import FileFormat, wanted_file
from tests.bonuses.department import Books

SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (Month(2025, number) for number in (9, 10, 11, 12))


async def close(books: Books, *months: Month) -> None:
    for month in months:
        await close_period(books.desk, month=month, actor="head")


async def freeze(books: Books, month: Month) -> PayoutBatchView:
    return await freeze_batch(books.desk, month=month, actor="payroll")


async def exported(
    books: Books,
    batch_id: str,
    *,
    file_format: FileFormat = "csv",
    dialect: Dialect = "std",
    profile: str | None = None,
) -> bytes:
    """The file's bytes, whole."""
    wanted = wanted_file(file_format=file_format, dialect=dialect, profile=profile)
    file = await export_batch(books.desk, batch_id=batch_id, wanted=wanted)
    return b"".join([chunk async for chunk in content_of(books.database, file)])


async def acknowledged(books: Books, batch: PayoutBatchView) -> PayoutBatchView:
    """Exported and acknowledged."""
    await exported(books, batch.id)
    return await acknowledge_batch(
        books.desk,
        batch_id=batch.id,
        external_run_id="run-7",
        lines=batch.lines,
        totals=batch.totals,
        sha256=batch.sha256,
    )
