"""Reading what payroll gets."""

from collections.abc import Sequence
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.payroll import PayoutRow
from conveyor.contracts.registry import STAGES
from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel
from conveyor.payroll_file.csv_form import Dialect, as_csv
from conveyor.payroll_file.json_form import as_json
from conveyor.payroll_file.rows import sha256_of
from handoff_bus.payroll.rules import (
    BatchArrival,
    BatchState,
    PayrollDamaged,
    complete_batches,
    latest_by_service,
    state_of,
)
from handoff_bus.payroll.tables import GatheredBatch, GatheredPart

FileFormat = Literal["csv", "json"]

_ROWS = TypeAdapter(list[PayoutRow])


class BatchView(AnswerModel):
    """One service's live batch of the period; without a batch only service and state are there."""

    service: str
    state: BatchState
    batch_id: str | None = None
    lines: int | None = None
    totals: tuple[WireMoney, ...] = ()
    sha256: str | None = None


class PayrollView(AnswerModel):
    """What has come of a period's batches; the export is there once it is complete."""

    period: str
    complete: bool
    batches: list[BatchView]


async def payroll_status(session: AsyncSession, *, period: str) -> PayrollView:
    """The live batch of every stage, here or not."""
    batches = await _batches(session, period)
    latest = latest_by_service(await _arrivals(session, batches))
    by_id = {batch.batch_id: batch for batch in batches}
    views = [_view(service, latest.get(service), by_id) for service in STAGES]
    return PayrollView(period=period, complete=all(view.state == "complete" for view in views), batches=views)


async def payroll_file(session: AsyncSession, *, period: str, form: FileFormat, dialect: Dialect) -> bytes:
    """The one file over the three live batches. Raises PayrollIncomplete, PayrollDamaged."""
    batches = await _batches(session, period)
    chosen = [arrival.batch_id for arrival in complete_batches(await _arrivals(session, batches))]
    rows: list[PayoutRow] = []
    for batch in batches:
        if batch.batch_id in chosen:
            rows += await _rows(session, batch)
    return as_json(rows, period=period) if form == "json" else as_csv(rows, dialect=dialect)


async def _rows(session: AsyncSession, batch: GatheredBatch) -> list[PayoutRow]:
    parts = await session.scalars(
        select(GatheredPart.rows)
        .where(GatheredPart.batch_id == batch.batch_id, GatheredPart.part.between(1, batch.parts))
        .order_by(GatheredPart.part)
    )
    rows = [row for part in parts for row in _ROWS.validate_python(part)]
    # The stage took the hash over its own file of these rows (conveyor.payroll_file).
    if len(rows) != batch.lines or sha256_of(as_csv(rows)) != batch.sha256:
        raise PayrollDamaged(batch_id=batch.batch_id)
    return rows


async def _batches(session: AsyncSession, period: str) -> Sequence[GatheredBatch]:
    return (await session.scalars(select(GatheredBatch).where(GatheredBatch.period == period))).all()


async def _arrivals(session: AsyncSession, batches: Sequence[GatheredBatch]) -> list[BatchArrival]:
    rows = await session.execute(
        select(GatheredPart.batch_id, func.array_agg(GatheredPart.part))
        .where(GatheredPart.batch_id.in_([batch.batch_id for batch in batches]))
        .group_by(GatheredPart.batch_id)
    )
    here = dict(rows.all())
    return [
        BatchArrival(batch.batch_id, batch.service, batch.number, batch.parts, here.get(batch.batch_id, ()))
        for batch in batches
    ]


def _view(service: str, arrival: BatchArrival | None, by_id: dict[str, GatheredBatch]) -> BatchView:
    if arrival is None:
        return BatchView(service=service, state="missing")
    batch = by_id[arrival.batch_id]
    return BatchView(
        service=service,
        state=state_of(arrival),
        batch_id=batch.batch_id,
        lines=batch.lines,
        totals=tuple(WireMoney.model_validate(total) for total in batch.totals),
        sha256=batch.sha256,
    )
