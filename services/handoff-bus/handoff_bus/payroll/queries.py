"""Reading what has come for payroll."""

from collections.abc import Collection, Sequence
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.registry import STAGES
from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel
from handoff_bus.payroll.rules import (
    BatchArrival,
    BatchState,
    Outcome,
    PayoutState,
    complete_batches,
    latest_by_service,
    state_of,
)
from handoff_bus.payroll.tables import BatchOutcome, GatheredBatch, GatheredPart


class RejectedBatchView(AnswerModel):
    """A batch that payroll rejected whole."""

    batch_id: str
    reason: str | None


class BatchView(AnswerModel):
    """One service's live batch of the period; without a batch only service and state are there.

    `payout` is what payroll did with it; `rejected` are earlier batches of the period.
    """

    service: str
    state: BatchState
    batch_id: str | None = None
    lines: int | None = None
    totals: tuple[WireMoney, ...] = ()
    sha256: str | None = None
    payout: PayoutState | None = None
    rejected: tuple[RejectedBatchView, ...] = ()


class PayrollView(AnswerModel):
    """What has come of a period's batches; the export is there once it is complete."""

    period: str
    complete: bool
    batches: list[BatchView]


async def payroll_status(session: AsyncSession, *, period: str) -> PayrollView:
    """The live batch of every stage, here or not."""
    batches = await _batches(session, period)
    outcomes = await _outcomes(session, batches)
    latest = latest_by_service(await _arrivals(session, batches, outcomes))
    rejected = {
        service: tuple(
            RejectedBatchView(batch_id=outcome.batch_id, reason=outcome.reason)
            for batch in sorted(batches, key=lambda batch: batch.number)
            for outcome in outcomes
            if (batch.service, batch.batch_id, "rejected") == (service, outcome.batch_id, outcome.outcome)
        )
        for service in STAGES
    }
    by_id = {batch.batch_id: batch for batch in batches}
    views = [_view(service, latest.get(service), by_id, rejected[service]) for service in STAGES]
    return PayrollView(period=period, complete=all(view.state == "complete" for view in views), batches=views)


async def batches_of_file(session: AsyncSession, *, period: str) -> list[GatheredBatch]:
    """The three live batches of the period, in the order of the stages. Raises PayrollIncomplete."""
    batches = await _batches(session, period)
    outcomes = await _outcomes(session, batches)
    by_id = {batch.batch_id: batch for batch in batches}
    chosen = complete_batches(await _arrivals(session, batches, outcomes))
    return [by_id[arrival.batch_id] for arrival in chosen]


async def _batches(session: AsyncSession, period: str) -> Sequence[GatheredBatch]:
    return (await session.scalars(select(GatheredBatch).where(GatheredBatch.period == period))).all()


async def _outcomes(session: AsyncSession, batches: Sequence[GatheredBatch]) -> Sequence[BatchOutcome]:
    ids = [batch.batch_id for batch in batches]
    return (await session.scalars(select(BatchOutcome).where(BatchOutcome.batch_id.in_(ids)))).all()


async def _arrivals(
    session: AsyncSession, batches: Sequence[GatheredBatch], outcomes: Sequence[BatchOutcome]
) -> list[BatchArrival]:
    rows = await session.execute(
        select(GatheredPart.batch_id, func.array_agg(GatheredPart.part))
        .where(GatheredPart.batch_id.in_([batch.batch_id for batch in batches]))
        .group_by(GatheredPart.batch_id)
    )
    here: dict[str, Collection[int]] = dict(rows.all())
    return [
        BatchArrival(
            batch.batch_id,
            batch.service,
            batch.number,
            batch.parts,
            here.get(batch.batch_id, ()),
            [cast("Outcome", outcome.outcome) for outcome in outcomes if outcome.batch_id == batch.batch_id],
        )
        for batch in batches
    ]


def _view(
    service: str,
    arrival: BatchArrival | None,
    by_id: dict[str, GatheredBatch],
    rejected: tuple[RejectedBatchView, ...],
) -> BatchView:
    if arrival is None:
        return BatchView(service=service, state="missing", rejected=rejected)
    batch = by_id[arrival.batch_id]
    return BatchView(
        service=service,
        state=state_of(arrival),
        batch_id=batch.batch_id,
        lines=batch.lines,
        totals=tuple(WireMoney.model_validate(total) for total in batch.totals),
        sha256=batch.sha256,
        payout=arrival.payout,
        rejected=rejected,
    )
